"""Customers, what is kept with them, and their lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import path

from accounts.models import Account
from accounts.queries import business_now
from api.v1.base import View
from api.v1.errors import Problem
from api.v1.filters import Criterion, contains, exact, moment, number, prefix
from api.v1.lists import CurrentList
from api.v1.old_lists import OldList
from customers import queries
from customers.commands.change import change
from customers.commands.create import create
from customers.commands.debtors import give_number
from customers.commands.metadata import keep_metadata
from customers.commands.note import NOTE_MAX, note
from customers.domain.details import DEBTOR_NUMBER_MAX, LIMITS, Details, NewCustomer
from customers.listings import CUSTOMERS
from foundation.handles import generated
from foundation.listing import Row
from foundation.wire.kinds import Boolean, FreeObject, Instant, Integer, ListOf, Text, handle
from foundation.wire.refusals import missing
from foundation.wire.shapes import NOTHING, Field, Given, Shape, optional
from foundation.wire.views import Call, operation
from invoicing.domain.lifecycle import State as ClaimState
from invoicing.queries.claims import NO_CLAIMS, ClaimSum, sums_by_customer
from operations.commands.delete_customer import delete_customer
from subscriptions.queries.facts import CustomerCounts, counts_by_customer

LIVE_IN_TEST, TEST_IN_LIVE = 21, 20
METADATA = FreeObject()
PERSONAL = (
    ("email", "email", "Where mails go."),
    ("address", "address", "First line of the street address."),
    ("address2", "address2", "Second line of it."),
    ("city", "city", ""),
    ("country", "country", "ISO 3166-1, two letters."),
    ("phone", "phone", ""),
    ("company", "company", ""),
    ("vat", "vat_id", "The company's VAT id."),
    ("language", "language", "Of mails and pages, as in de."),
    ("first_name", "first_name", ""),
    ("last_name", "last_name", ""),
    ("postal_code", "postal_code", ""),
)
"""Wire name, our name, meaning: what a customer is called and where it lives."""


@dataclass(frozen=True, slots=True)
class WireCustomer:
    """A customer with what its subscriptions and claims come to."""

    fact: queries.CustomerFact
    counts: CustomerCounts
    sums: Mapping[ClaimState, ClaimSum]
    is_test: bool


def _count(name: str, state: ClaimState) -> Field:
    return Field(
        name,
        Integer(),
        lambda it: it.sums.get(state, NO_CLAIMS).count,
        doc="How many invoices of subscriptions.",
    )


def _sum(name: str, state: ClaimState) -> Field:
    return Field(
        name,
        Integer(),
        lambda it: it.sums.get(state, NO_CLAIMS).gross_minor,
        doc="What they come to, in minor units.",
    )


def _none(name: str) -> Field:
    """A sum or a number of what nobody has yet."""
    return Field(name, Integer(), lambda _: 0)


def _personal(name: str, ours: str, doc: str) -> Field:
    return optional(
        name, Text(max=LIMITS[ours]), lambda it: getattr(it.fact, ours) or None, doc=doc
    )


DEBTOR_ID = Integer(min=1, max=DEBTOR_NUMBER_MAX)
CUSTOMER = Shape(
    "Customer",
    Field("handle", handle(), "fact.handle", doc="Your own id of the customer."),
    Field("subscriptions", Integer(), "counts.active", doc="The same as active_subscriptions."),
    Field("created", Instant(), "fact.created_at"),
    Field("active_subscriptions", Integer(), "counts.active"),
    Field("trial_active_subscriptions", Integer(), "counts.trial_active"),
    Field("trial_cancelled_subscriptions", Integer(), "counts.trial_cancelled"),
    Field("expired_subscriptions", Integer(), "counts.expired"),
    Field("on_hold_subscriptions", Integer(), "counts.on_hold"),
    Field("cancelled_subscriptions", Integer(), "counts.cancelled"),
    Field("non_renewing_subscriptions", Integer(), "counts.non_renewing"),
    _count("failed_invoices", ClaimState.FAILED),
    _sum("failed_amount", ClaimState.FAILED),
    _count("cancelled_invoices", ClaimState.CANCELLED),
    _sum("cancelled_amount", ClaimState.CANCELLED),
    _count("pending_invoices", ClaimState.PENDING),
    _sum("pending_amount", ClaimState.PENDING),
    _count("dunning_invoices", ClaimState.DUNNING),
    _sum("dunning_amount", ClaimState.DUNNING),
    _count("settled_invoices", ClaimState.SETTLED),
    _sum("settled_amount", ClaimState.SETTLED),
    _none("refunded_amount"),
    _none("pending_additional_costs"),
    _none("pending_additional_cost_amount"),
    _none("transferred_additional_costs"),
    _none("transferred_additional_cost_amount"),
    _none("pending_credits"),
    _none("pending_credit_amount"),
    _none("transferred_credits"),
    _none("transferred_credit_amount"),
    *(_personal(*each) for each in PERSONAL),
    optional("test", Boolean(), "is_test", doc="Whether the account is one for tests."),
    optional("deleted", Instant(), "fact.deleted_at"),
    optional("debtor_id", DEBTOR_ID, "fact.debtor_number", doc="In your books; given once."),
    doc="Who buys and is invoiced.",
)

_GIVEN = (
    *(optional(name, Text(max=LIMITS[ours]), doc=doc) for name, ours, doc in PERSONAL),
    optional("debtor_id", DEBTOR_ID, doc="In your books; given once."),
)
CREATE_CUSTOMER = Shape(
    "CreateCustomer",
    optional("handle", handle(), doc="Your own id of the customer."),
    optional("generate_handle", Boolean(), doc="Have a handle made, as in cust-1."),
    optional("test", Boolean(), doc="Refused where it is not what the account is."),
    optional("metadata", METADATA, doc="Whatever you want to keep with it."),
    *_GIVEN,
)
UPDATE_CUSTOMER = Shape(
    "UpdateCustomer", *_GIVEN, doc="What is left out is cleared; a debtor id stays."
)
NOTE = Shape(
    "CustomerNote",
    Field("note", Text(max=NOTE_MAX), "text"),
    Field("id", Text(max=32), lambda it: it.id.hex),
    Field("created", Instant(), "created_at"),
    optional("user_name", Text(), lambda it: it.author_name or None),
    optional("user_email", Text(), lambda it: it.author_email or None),
)
CREATE_NOTE = Shape(
    "CreateCustomerNote",
    Field("note", Text(min=1, max=NOTE_MAX)),
    optional("user_name", Text()),
    optional("user_email", Text()),
)


def whole(account: Account, facts: Sequence[queries.CustomerFact]) -> list[WireCustomer]:
    """Customers with what lies above them; two statements."""
    ids = [each.id for each in facts]
    counts = counts_by_customer(account, ids, business_now(account))
    sums = sums_by_customer(account, ids)
    is_test, none = account.state == Account.State.TEST, CustomerCounts()
    return [
        WireCustomer(each, counts.get(each.id, none), sums.get(each.id, {}), is_test)
        for each in facts
    ]


def _load(account: Account, rows: Sequence[Row]) -> Iterable[WireCustomer]:
    found = queries.facts(account, [row["id"] for row in rows])
    return whole(account, [found[row["id"]] for row in rows])


SEARCHED: tuple[Criterion, ...] = (
    exact("handle"),
    prefix("handle_prefix", "handle"),
    contains("handle_contains", "handle"),
    contains("name"),
    prefix("email_prefix", "email"),
    *(exact(name, ours) for name, ours, _ in PERSONAL if name != "language"),
    number("debtor_id", "debtor_number"),
)
LIST = CurrentList(
    name="CustomerList", shape=CUSTOMER, listing=CUSTOMERS, load=_load, criteria=SEARCHED
)
OLD_LIST = OldList(
    name="CustomerSearch",
    shape=CUSTOMER,
    listing=CUSTOMERS,
    load=_load,
    searched=(*SEARCHED, moment("created", "created_at")),
    prefixed={"handle": "handle", "email": "email", "company": "company"},
    sorted_by={"created": "created_at", "handle": "handle"},
)


def _details(body: Given) -> Details:
    return Details(**{ours: body.get(name) or "" for name, ours, _ in PERSONAL})


def ensured(account: Account, given: Given, now: datetime) -> str:
    """The handle of the customer that `given` describes, who is created unless he is there."""
    known = given.get("handle")
    if known and queries.is_known(account, known):
        return str(known)
    return _created(account, given, now)


def _created(account: Account, given: Given, now: datetime) -> str:
    _refuse_other_mode(account, said=given.get("test"))
    new = NewCustomer(
        _handle_of(account, given),
        _details(given),
        debtor_number=given.get("debtor_id"),
        metadata=given.get("metadata"),
    )
    create(account=account, customers=[new], now=now)
    return new.handle


def _handle_of(account: Account, given: Given) -> str:
    said: str | None = given.get("handle")
    if said:
        return said
    if not given.get("generate_handle"):
        raise missing("handle")
    return generated(account, "cust", lambda each: queries.is_taken(account, each))


def _refuse_other_mode(account: Account, *, said: bool | None) -> None:
    is_test = account.state == Account.State.TEST
    if said is not None and said is not is_test:
        code = LIVE_IN_TEST if is_test else TEST_IN_LIVE
        raise Problem(code, f"This account is {account.state}.")


def _one(call: Call, customer_id: UUID) -> WireCustomer:
    return whole(call.account, [queries.facts(call.account, [customer_id])[customer_id]])[0]


class Customers(View):
    @operation("List customers (old form)", OLD_LIST.answer, query=OLD_LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        return OLD_LIST.page(call)

    @operation("Create a customer", CUSTOMER, body=CREATE_CUSTOMER)
    def post(self, call: Call) -> WireCustomer:
        fact = queries.fact(call.account, _created(call.account, call.body, call.now))
        is_test = call.account.state == Account.State.TEST
        return WireCustomer(fact, CustomerCounts(), {}, is_test)


class CustomerList(View):
    @operation("List customers", LIST.answer, query=LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        return LIST.page(call)


class OneCustomer(View):
    @operation("Get a customer", CUSTOMER)
    def get(self, call: Call, handle: str) -> WireCustomer:
        return whole(call.account, [queries.fact(call.account, handle)])[0]

    @operation("Update a customer", CUSTOMER, body=UPDATE_CUSTOMER)
    def put(self, call: Call, handle: str) -> WireCustomer:
        account, customer = call.account, queries.by_handle(call.account, handle)
        details = _details(call.body)
        debtor_id = call.body.get("debtor_id")
        if debtor_id is not None:
            give_number(account=account, customer_id=customer.id, number=debtor_id)
        change(account=account, customer_id=customer.id, details=details, now=call.now)
        return _one(call, customer.id)

    @operation("Delete a customer", CUSTOMER)
    def delete(self, call: Call, handle: str) -> WireCustomer:
        customer = queries.by_handle(call.account, handle)
        delete_customer(
            account=call.account, customer_id=customer.id, actor=call.actor, now=call.now
        )
        return _one(call, customer.id)


class CustomerMetadata(View):
    @operation("Get what is kept with a customer", METADATA)
    def get(self, call: Call, handle: str) -> Mapping[str, Any]:
        return queries.by_handle(call.account, handle).metadata or {}

    @operation("Keep something with a customer", METADATA, body=METADATA)
    def put(self, call: Call, handle: str) -> Mapping[str, Any]:
        customer = queries.by_handle(call.account, handle)
        keep_metadata(account=call.account, customer_id=customer.id, metadata=call.body)
        kept: Mapping[str, Any] = call.body
        return kept

    @operation("Keep nothing with a customer any more", NOTHING)
    def delete(self, call: Call, handle: str) -> None:
        customer = queries.by_handle(call.account, handle)
        keep_metadata(account=call.account, customer_id=customer.id, metadata=None)


class CustomerNotes(View):
    @operation("List the notes on a customer", ListOf(NOTE))
    def get(self, call: Call, handle: str) -> Sequence[Any]:
        return queries.notes(call.account, queries.by_handle(call.account, handle).id)

    @operation("Note something about a customer", NOTE, body=CREATE_NOTE)
    def post(self, call: Call, handle: str) -> Any:
        author = (call.body.get("user_name") or "", call.body.get("user_email") or "")
        return note(
            account=call.account,
            customer_id=queries.by_handle(call.account, handle).id,
            words=call.body["note"],
            author=author,
            now=call.now,
        )


urls = [
    path("customer", Customers.as_view()),
    path("customer/<handle:handle>", OneCustomer.as_view()),
    path("customer/<handle:handle>/metadata", CustomerMetadata.as_view()),
    path("customer/<handle:handle>/note", CustomerNotes.as_view()),
    path("list/customer", CustomerList.as_view()),
]
