"""Stored means of paying: cards, by the token that stands for them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import path

from accounts.models import Account
from api.v1.base import View
from api.v1.customer import CREATE_CUSTOMER, ensured
from api.v1.errors import Number, Problem
from api.v1.filters import Criterion, exact, moment, prefix
from api.v1.lists import CurrentList
from api.v1.selections import any_of, identified, none_have, same_for_all, words_of
from customers import queries as customers
from foundation.listing import Filter, Op, Row
from foundation.tenancy import tenant
from foundation.wire.kinds import Boolean, Choice, Instant, ListOf, Text, handle
from foundation.wire.shapes import Field, Given, Shape, optional
from foundation.wire.views import Call, operation
from kernel.clock import business_now
from kernel.errors import KontorError, NotFound, Upstream
from payments import listings, queries
from payments.commands import store_card
from payments.domain.lifecycle import MethodState
from payments.queries import MethodFact
from subscriptions.queries import facts as subscriptions

MISSING_CUSTOMER = 18
DECLINED, PROCESSING_ERROR = 77, 78
BRANDS = (
    "unknown",
    "visa",
    "mc",
    "dankort",
    "visa_dk",
    "ffk",
    "visa_elec",
    "maestro",
    "laser",
    "amex",
    "diners",
    "discover",
    "jcb",
    "china_union_pay",
)
STATES: Mapping[str, MethodState | None] = {
    "active": MethodState.ACTIVE,
    "inactivated": None,
    "failed": MethodState.FAILED,
    "pending": None,
    "deleted": None,
}
"""The wire's states and ours; those without one of ours are not reached yet."""
TO_WIRE = {ours: wire for wire, ours in STATES.items() if ours is not None}
KINDS = ("card",)
OTHER_KINDS = (
    "emv_token",
    "vipps_recurring",
    "applepay",
    "mobilepay_subscriptions",
    "sepa",
    "offline_cash",
    "offline_bank_transfer",
    "offline_other",
)
TEST_GATEWAY = "test"
"""Names the gateway, and its agreement, of cards that are stored for trying out."""


def declined(error: KontorError) -> int:
    """A card that the acquirer does not take: for a fault in the chain, or of its own."""
    return PROCESSING_ERROR if isinstance(error, Upstream) else DECLINED


STORING_CODES: Mapping[str, Number] = {
    "credit_card_expired": declined,
    "declined_by_acquirer": declined,
    "insufficient_funds": declined,
    "acquirer_error": declined,
    "acquirer_communication_error": declined,
    "test_card_refused": 34,
}
"""How storing a card is refused here; a live account does not even know tokens for tests."""


def wire_id(method_id: UUID) -> str:
    return f"ca_{method_id.hex}"


def id_of(text: str) -> UUID | None:
    """What `wire_id` made, or nothing."""
    return identified(text, "ca_")


def brand(method: MethodFact) -> str:
    return method.brand if method.brand in BRANDS else "unknown"


def expiry(method: MethodFact) -> str | None:
    return f"{method.expiry[:2]}-{method.expiry[2:]}" if method.expiry else None


CARD_DETAILS = (
    Field("card_type", Choice(*BRANDS), brand, doc="The brand."),
    Field("transaction_card_type", Choice(*BRANDS), brand, doc="The brand that is charged."),
    Field("gw_ref", Text(), "gateway_token", doc="What the gateway calls the card."),
    optional("exp_date", Text(max=5), expiry, doc="As in 12-39."),
    optional("masked_card", Text(max=30), lambda it: it.masked_number or None),
)
CARD_V2 = Shape(
    "CardV2",
    Field("gateway", Text(), lambda _: TEST_GATEWAY, doc="Where it is stored."),
    Field(
        "card_agreement", Text(), lambda _: TEST_GATEWAY, doc="The agreement it is stored under."
    ),
    *CARD_DETAILS,
    doc="A stored card; neither its number nor its code is known here.",
)
COMMON = (
    Field("id", Text(max=35), lambda it: wire_id(it.id)),
    Field("state", Choice(*STATES), lambda it: TO_WIRE[it.state]),
    Field("customer", handle(), "customer", doc="The customer's handle."),
    Field("created", Instant(), "created_at"),
    optional("reference", Text(), lambda it: it.reference or None, doc="The merchant's own."),
    optional("failed", Instant(), "failed_at", doc="When it stopped being of use."),
)
PAYMENT_METHOD = Shape(
    "PaymentMethodV2",
    *COMMON,
    Field("payment_type", Choice(*KINDS, *OTHER_KINDS), lambda _: "card"),
    optional("card", CARD_V2, lambda it: it),
    doc="A stored means of paying.",
)
CARD = Shape("Card", *COMMON, *CARD_DETAILS, doc="A stored card in the form of old clients.")
NO_SUBSCRIPTION = Shape("MpsSubscription", doc="Not offered.")
PAYMENT_METHODS = Shape(
    "PaymentMethods",
    Field("cards", ListOf(CARD), lambda it: it),
    Field("mps_subscriptions", ListOf(NO_SUBSCRIPTION), lambda _: ()),
    doc="A customer's methods in the form of old clients.",
)
ADD = Shape(
    "AddPaymentMethod",
    Field("source", Text(min=1), doc="A card token."),
    optional("reference", Text(), doc="The merchant's own."),
    optional("customer", CREATE_CUSTOMER, doc="Created first, unless the handle is known."),
    optional("customer_handle", handle(), doc="A customer that is there."),
)
ONLY_ACTIVE = Shape("PaymentMethodsQuery", optional("only_active", Boolean()))


def told(account: Account, ids: Sequence[UUID]) -> list[MethodFact]:
    """The methods in this order."""
    found = queries.method_facts(account, ids)
    return [found[each] for each in ids]


def load(account: Account, rows: Sequence[Row]) -> Iterable[MethodFact]:
    return told(account, [row["id"] for row in rows])


def one(account: Account, text: str) -> MethodFact:
    """Raises `NotFound`."""
    id_ = id_of(text)
    found = queries.method_facts(account, [id_]) if id_ else {}
    if id_ is None or id_ not in found:
        raise NotFound("payment_method", text)
    return found[id_]


OF_CARDS = (
    words_of("card_type", {each: each for each in BRANDS}, "brand"),
    words_of("transaction_card_type", {each: each for each in BRANDS}, "brand"),
    prefix("card_prefix", "masked_number"),
    Criterion(
        "card_postfix",
        Text(max=10),
        lambda text, _: [Filter("masked_number", Op.CONTAINS, f"X{text}")],
    ),
)
"""What lists of methods and of transactions can ask of a card."""

LIST = CurrentList(
    name="PaymentMethodList",
    shape=PAYMENT_METHOD,
    listing=listings.METHODS,
    load=load,
    criteria=(
        Criterion("id", Text(), lambda text, _: [Filter("id", Op.ANY, any_of(id_of(text)))]),
        words_of("state", STATES),
        same_for_all("payment_type", *KINDS, others=OTHER_KINDS),
        exact("customer"),
        Criterion("subscription", Text(), lambda ids, _: [Filter("id", Op.ANY, ids)]),
        exact("reference"),
        moment("failed", "failed_at"),
        *OF_CARDS,
        same_for_all("card_gateway", TEST_GATEWAY),
        same_for_all("card_agreement", TEST_GATEWAY),
        *none_have(
            "card_fingerprint", "card_country", "offline_agreement_handle", "mps_external_id"
        ),
    ),
)


class Methods(View):
    @operation(
        "Add a payment method",
        PAYMENT_METHOD,
        body=ADD,
        opens_doors=True,
        codes=STORING_CODES,
        doc="In a test account the source may be a token for a test card.",
    )
    def post(self, call: Call) -> Given:
        """The card is stored at the gateway first, while no transaction is open."""
        given = call.body
        with tenant(call.account_id) as account:
            _refuse_missing_customer(account, given)
        held = store_card.hold(call.account_id, token=given["source"])
        with tenant(call.account_id) as account:
            now = business_now(account.clock_at)
            method_id = store_card.keep(
                account=account,
                customer_id=_customer(account, given, now),
                held=held,
                reference=given.get("reference") or "",
                now=now,
            )
            return PAYMENT_METHOD.write(*told(account, [method_id]))


def _refuse_missing_customer(account: Account, given: Given) -> None:
    """Before anybody is asked for the card."""
    known = given.get("customer_handle")
    if known:
        customers.by_handle(account, known)
    elif not given.get("customer"):
        raise Problem(MISSING_CUSTOMER, "Name a customer_handle, or give a customer.")


def _customer(account: Account, given: Given, now: datetime) -> UUID:
    known = given.get("customer_handle") or ensured(account, given["customer"], now)
    return customers.by_handle(account, known).id


class OneMethod(View):
    @operation("Get a payment method", PAYMENT_METHOD)
    def get(self, call: Call, method: str) -> MethodFact:
        return one(call.account, method)


class MethodList(View):
    @operation("List payment methods", LIST.answer, query=LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        handle_ = call.query.get("subscription")
        if handle_:
            call.query["subscription"] = any_of(_drawn_from(call.account, handle_))
        return LIST.page(call)


def _drawn_from(account: Account, subscription: str) -> UUID | None:
    """The method of the subscription of that handle; none where there is none."""
    found = subscriptions.id_of(account, subscription)
    return subscriptions.facts(account, [found])[found].method_id if found else None


class OfCustomer(View):
    @operation("Get a customer's payment methods", PAYMENT_METHODS, query=ONLY_ACTIVE)
    def get(self, call: Call, customer: str) -> list[MethodFact]:
        owner = customers.by_handle(call.account, customer)
        wanted = bool(call.query.get("only_active"))
        return told(call.account, queries.method_ids_of(call.account, owner.id, is_active=wanted))


class OfSubscription(View):
    @operation("Get a subscription's payment method", ListOf(PAYMENT_METHOD))
    def get(self, call: Call, subscription: str) -> list[MethodFact]:
        return _of_subscription(call, subscription)


class OfSubscriptionOld(View):
    @operation("Get a subscription's payment methods", PAYMENT_METHODS)
    def get(self, call: Call, subscription: str) -> list[MethodFact]:
        return _of_subscription(call, subscription)


def _of_subscription(call: Call, handle_: str) -> list[MethodFact]:
    found = subscriptions.one(call.account, handle_)
    return told(call.account, any_of(found.method_id))


urls = [
    path("payment_method", Methods.as_view()),
    path("payment_method/<handle:method>", OneMethod.as_view()),
    path("list/payment_method", MethodList.as_view()),
    path("customer/<handle:customer>/payment_method", OfCustomer.as_view()),
    path("subscription/<handle:subscription>/pm", OfSubscription.as_view()),
    path("subscription/<handle:subscription>/payment_method", OfSubscriptionOld.as_view()),
]
