"""A subscription as it is asked for: read, judged, and created with all that comes with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import Account
from accounts.queries import business_now
from api.v1.customer import CREATE_CUSTOMER, ensured
from api.v1.durations import Duration, Span
from api.v1.errors import Problem
from api.v1.payment_method import id_of as method_id_of
from api.v1.selections import NOT_IMPLEMENTED, any_of
from catalog import queries as catalogue
from catalog.domain.terms import Trial
from catalog.models import PlanVersion
from customers.queries import by_handle as customer_by_handle
from foundation.handles import generated
from foundation.tenancy import tenant
from foundation.wire.kinds import (
    INT32_MAX,
    Boolean,
    Choice,
    FreeObject,
    Integer,
    Kind,
    ListOf,
    LocalTime,
    Text,
    handle,
)
from foundation.wire.refusals import malformed, missing
from foundation.wire.shapes import Field, Given, Shape, optional
from kernel.errors import NotFound
from kernel.moments import Unit
from kernel.money import Money
from payments import queries as payments
from payments.commands import store_card
from payments.commands.store_card import HeldCard
from payments.domain.lifecycle import MethodState
from subscriptions.commands.create import create
from subscriptions.domain.start import ADD_ONS_MAX, NewAddOnUse, NewSubscription
from subscriptions.queries.facts import id_of

UNKNOWN_PLAN, DUPLICATE_HANDLE, MISSING_CUSTOMER = 10, 11, 18
TEST_IN_LIVE, LIVE_IN_TEST = 20, 21
NO_SOURCE, SOURCE_NOT_ALLOWED, METHOD_FAILED = 110, 111, 147
BY_SOURCE = "source"
NO_TRIAL = "no trial"

ADD_ON = Shape(
    "CreateSubscriptionAddOn",
    optional("handle", handle(), doc="Of this use of the add-on; unless given, the add-on's."),
    Field("add_on", handle(), doc="The add-on's handle."),
    optional("quantity", Integer(min=1, max=INT32_MAX)),
    optional("amount", Integer(min=0), doc="Instead of the add-on's own price, per unit."),
    optional("amount_incl_vat", Boolean(), doc="Whether that amount is gross, as by default."),
    optional("fixed_amount", Boolean(), doc="Not offered yet."),
)
UNBUILT: Mapping[str, Kind] = {
    "end_date": LocalTime(),
    "subscription_discounts": ListOf(FreeObject()),
    "coupon_codes": ListOf(Text()),
    "additional_costs": ListOf(FreeObject()),
    "additional_entitlements": ListOf(Text()),
    "excluded_entitlements": ListOf(Text()),
    "metered_billing_products": ListOf(FreeObject()),
    "conditional_create": Boolean(),
}
"""Members that would change what is billed or given, and are refused until they do."""
CREATE = Shape(
    "CreateSubscription",
    Field("plan", handle(), doc="The plan's handle."),
    Field(
        "signup_method",
        Choice(BY_SOURCE, "email", "link"),
        doc="source: a method of payment comes along. email, link: the customer adds one.",
    ),
    optional("customer", handle(), doc="A customer that is there."),
    optional("create_customer", CREATE_CUSTOMER, doc="Created first, unless the handle is known."),
    optional("handle", handle(), doc="The subscription's own, unless one is generated."),
    optional("generate_handle", Boolean(), doc="Make a handle such as sub-1."),
    optional("source", Text(), doc="A card token, or the id of a stored method."),
    optional("amount", Integer(min=0), doc="Instead of the plan's price, per unit."),
    optional("amount_incl_vat", Boolean(), doc="Whether that amount is gross, as by default."),
    optional("quantity", Integer(min=1, max=INT32_MAX)),
    optional("plan_version", Integer(min=1, max=INT32_MAX), doc="The one that is on sale."),
    optional("test", Boolean(), doc="Refused where it is not what the account is."),
    optional("metadata", FreeObject(), doc="The merchant's own."),
    optional("start_date", LocalTime(), doc="Up to one period back, or in the future."),
    optional("grace_duration", Integer(min=0), doc="Seconds without dunning after sign-up."),
    optional("no_trial", Boolean(), doc="Leave out the plan's trial."),
    optional("trial_period", Duration(), doc="Instead of the plan's trial: months or days."),
    optional("no_setup_fee", Boolean(), doc="There are none to leave out."),
    optional("add_ons", ListOf(ADD_ON, max=ADD_ONS_MAX)),
    *(optional(name, kind, doc="Not offered yet.") for name, kind in UNBUILT.items()),
)


def held_card(account_id: UUID, given: Given) -> HeldCard | None:
    """The card of a sign-up with a token, stored at its gateway; no transaction is open.

    What stands against the sign-up is said before, as far as it can be known.
    """
    source = given.get("source")
    if given["signup_method"] != BY_SOURCE or not source or method_id_of(source):
        return None
    with tenant(account_id) as account:
        _judge(account, given)
    return store_card.hold(account_id, token=source)


def sign_up(account: Account, given: Given, held: HeldCard | None) -> UUID:
    """The customer, the method and the subscription, in one go."""
    now = business_now(account)
    version = _judge(account, given)
    new = _new(account, given, version, _customer(account, given, now))
    if given["signup_method"] == BY_SOURCE:
        _take_source(account, given, held, (new.customer, now))
    (id_,) = create(account=account, subscriptions=[new], now=now)
    return id_


def _judge(account: Account, given: Given) -> PlanVersion:
    """What can be refused without writing anything; the version that is on sale."""
    for name in UNBUILT:
        if given.get(name):
            raise Problem(NOT_IMPLEMENTED, f"{name} is not offered yet: leave it out.")
    _judge_mode(account, given)
    _judge_source(given)
    if given.get("customer"):
        customer_by_handle(account, given["customer"])
    elif not given.get("create_customer"):
        raise Problem(MISSING_CUSTOMER, "Name a customer, or give one to create_customer.")
    if not given.get("handle") and not given.get("generate_handle"):
        raise missing("handle")
    if given.get("handle") and id_of(account, given["handle"]):
        raise Problem(DUPLICATE_HANDLE, f"There is already a subscription {given['handle']}.")
    return _version(account, given)


def _judge_mode(account: Account, given: Given) -> None:
    is_test, said = account.state == Account.State.TEST, given.get("test")
    if said is not None and said is not is_test:
        raise Problem(
            LIVE_IN_TEST if is_test else TEST_IN_LIVE,
            f"This account is {'one for tests' if is_test else 'live'}.",
        )


def _judge_source(given: Given) -> None:
    is_wanted, source = given["signup_method"] == BY_SOURCE, given.get("source")
    if is_wanted and not source:
        raise Problem(NO_SOURCE, "A sign-up with a source needs one: a token or a stored method.")
    if source and not is_wanted:
        raise Problem(SOURCE_NOT_ALLOWED, "A source comes with the sign-up method source only.")


def _version(account: Account, given: Given) -> PlanVersion:
    version = catalogue.on_sale(account, given["plan"])
    if given.get("plan_version") not in {None, version.number}:
        raise Problem(UNKNOWN_PLAN, f"Version {version.number} of this plan is on sale.")
    return version


def _customer(account: Account, given: Given, now: datetime) -> str:
    known: str | None = given.get("customer")
    return known or ensured(account, given["create_customer"], now)


def _new(account: Account, given: Given, version: PlanVersion, customer: str) -> NewSubscription:
    amount, start = given.get("amount"), given.get("start_date")
    side = given.get("amount_incl_vat")
    trial = _trial(given.get("trial_period"), version)
    return NewSubscription(
        handle=_handle(account, given),
        customer=customer,
        plan=given["plan"],
        start=start.at(account.timezone) if start else None,
        quantity=given.get("quantity"),
        price=None if amount is None else Money(amount, version.currency),
        price_incl_vat=True if side is None else side,
        has_trial=not given.get("no_trial") and trial is not NO_TRIAL,
        trial=trial if isinstance(trial, Trial) else None,
        grace_seconds=given.get("grace_duration"),
        metadata=given.get("metadata"),
        add_ons=_add_ons(account, given, version),
    )


def _handle(account: Account, given: Given) -> str:
    own: str | None = given.get("handle")
    return own or generated(account, "sub", lambda each: id_of(account, each) is not None)


def _trial(span: Span | None, version: PlanVersion) -> Trial | str | None:
    """A trial of its own, none at all, or nothing said."""
    if span is None:
        return None
    if span.rest or (span.months and span.days):
        raise malformed("trial_period", "a number of months, or of days")
    unit = Unit.MONTHS if span.months else Unit.DAYS
    length = span.months or span.days
    return Trial(unit, length, version.fixed_trial_days) if length else NO_TRIAL


def _add_ons(account: Account, given: Given, version: PlanVersion) -> tuple[NewAddOnUse, ...]:
    asked = given.get("add_ons") or ()
    known = catalogue.add_ons(account, list({each["add_on"] for each in asked}))
    return tuple(
        _add_on(each, version.currency, is_gross=known[each["add_on"]].amount_incl_vat)
        for each in asked
    )


def _add_on(asked: Mapping[str, Any], currency: str, *, is_gross: bool) -> NewAddOnUse:
    amount, side = asked.get("amount"), asked.get("amount_incl_vat")
    if asked.get("fixed_amount"):
        raise Problem(NOT_IMPLEMENTED, "fixed_amount is not offered yet: leave it out.")
    if amount is not None and (True if side is None else side) is not is_gross:
        raise Problem(
            NOT_IMPLEMENTED,
            f"The price of {asked['add_on']} is {'gross' if is_gross else 'net'}: another amount "
            "must be so too, with amount_incl_vat accordingly.",
        )
    return NewAddOnUse(
        asked["add_on"],
        asked.get("quantity") or 1,
        None if amount is None else Money(amount, currency),
        asked.get("handle") or asked["add_on"],
    )


def _take_source(
    account: Account, given: Given, held: HeldCard | None, whose: tuple[str, datetime]
) -> None:
    customer, now = whose
    customer_id = customer_by_handle(account, customer).id
    if held is not None:
        store_card.keep(account=account, customer_id=customer_id, held=held, now=now)
        return
    wanted = method_id_of(given["source"])
    method = payments.method_facts(account, any_of(wanted)).get(wanted) if wanted else None
    if method is None or method.customer_id != customer_id:
        raise NotFound("payment_method", given["source"])
    if method.state is not MethodState.ACTIVE:
        raise Problem(METHOD_FAILED, "This payment method has failed: add another one.")
    if payments.usable_methods(account, [customer_id])[customer_id] != method.id:
        raise Problem(
            NOT_IMPLEMENTED,
            "The customer has a newer payment method, and its invoices are drawn from that one.",
        )
