"""Invoices with their lines, their addresses and the tries to draw their money."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import path

from accounts.models import Account
from api.v1.base import View
from api.v1.filters import Criterion, contains, exact, moment, number, prefix, texts, truth
from api.v1.lists import CurrentList
from api.v1.old_lists import OldList
from api.v1.selections import (
    NOTHING,
    any_of,
    constant,
    none_have,
    refused,
    words_of,
    words_without,
)
from api.v1.transaction import TRANSACTION
from foundation.listing import Filter, Op, Row
from foundation.wire.kinds import (
    Boolean,
    Choice,
    Instant,
    Integer,
    ListOf,
    Rate,
    Text,
    handle,
)
from foundation.wire.shapes import Field, Shape, optional
from foundation.wire.views import Call, operation
from invoicing import listings
from invoicing.domain.lifecycle import State
from invoicing.queries import claims
from invoicing.queries.claims import ClaimFact, LineFact
from payments import queries as payments
from payments.queries import AttemptDetail
from subscriptions.queries import facts as subscriptions
from subscriptions.queries.facts import PeriodFact

STATES: Mapping[str, State | None] = {
    "created": State.CREATED,
    "pending": State.PENDING,
    "dunning": State.DUNNING,
    "settled": State.SETTLED,
    "authorized": None,
    "cancelled": State.CANCELLED,
    "failed": State.FAILED,
}
"""The wire's states and ours; money is never only reserved as yet."""
TO_WIRE = {ours: wire for wire, ours in STATES.items() if ours is not None}
RECURRING, ONE_OFF = "s", "co"
TYPES = (RECURRING, "so", "soi", ONE_OFF, "ch")
ORIGINS = (
    "plan",
    "add_on",
    "ondemand",
    "additional_cost",
    "credit",
    "discount",
    "setup_fee",
    "surcharge_fee",
    "metered_billing_product",
)
TRANSACTIONS_MAX = 100


@dataclass(frozen=True, slots=True)
class Told:
    """A claim with the period it is for and the tries to draw its money, oldest first."""

    claim: ClaimFact
    period: PeriodFact | None
    attempts: Sequence[AttemptDetail]

    @property
    def lines(self) -> "list[ToldLine]":
        return [ToldLine(each, self.claim, self.period) for each in self.claim.lines]


@dataclass(frozen=True, slots=True)
class ToldLine:
    """A line with what it shares with its claim."""

    line: LineFact
    claim: ClaimFact
    period: PeriodFact | None


def of_line(name: str) -> Any:
    return f"line.{name}"


ORDER_LINE = Shape(
    "OrderLine",
    Field("id", Text(max=32), lambda it: f"{it.line.id:032x}"),
    Field("ordertext", Text(), of_line("text")),
    Field("amount", Integer(), of_line("gross_minor"), doc="The whole line, gross."),
    Field("vat", Rate(), of_line("vat_rate"), doc="0.19 is 19 %."),
    Field("quantity", Integer(min=1), of_line("quantity")),
    Field("origin", Choice(*ORIGINS), of_line("origin"), doc="What the line is for."),
    Field("timestamp", Instant(), "claim.created_at"),
    Field("amount_vat", Integer(), of_line("tax_minor")),
    Field("amount_ex_vat", Integer(), of_line("net_minor")),
    Field("unit_amount", Integer(), lambda it: it.line.unit.gross, doc="One unit, gross."),
    Field("unit_amount_vat", Integer(), lambda it: it.line.unit.tax),
    Field("unit_amount_ex_vat", Integer(), lambda it: it.line.unit.net),
    Field("amount_defined_incl_vat", Boolean(), of_line("incl_vat"), doc="The price is gross."),
    optional("origin_handle", Text(), lambda it: it.line.origin_handle or None),
    optional("period_from", Instant(), lambda it: it.period and it.period.starts_at),
    optional("period_to", Instant(), lambda it: it.period and it.period.ends_at),
)
ADDRESS = Shape(
    "InvoiceBillingAddress",
    optional("company", Text(), lambda it: it.company or None),
    optional("vat", Text(), lambda it: it.vat_id or None),
    optional("address", Text(), lambda it: it.address or None),
    optional("address2", Text(), lambda it: it.address2 or None),
    optional("city", Text(), lambda it: it.city or None),
    optional("country", Text(max=2), lambda it: it.country or None),
    optional("first_name", Text(), lambda it: it.first_name or None),
    optional("last_name", Text(), lambda it: it.last_name or None),
    optional("postal_code", Text(), lambda it: it.postal_code or None),
)
CREDIT = Shape("CreditInvoice", doc="A credit that was used.")
INVOICE = Shape(
    "Invoice",
    Field("id", Text(max=32), lambda it: it.claim.id.hex),
    Field("handle", handle(), "claim.handle"),
    Field("customer", handle(), "claim.customer", doc="The customer's handle."),
    Field("state", Choice(*STATES), lambda it: TO_WIRE[it.claim.state]),
    Field(
        "type",
        Choice(*TYPES),
        lambda it: RECURRING if it.claim.subscription_id else ONE_OFF,
        doc="s: a subscription's period. co: made for the customer alone.",
    ),
    Field("amount", Integer(min=0), "claim.gross_minor", doc="Gross."),
    Field("currency", Text(max=3), "claim.currency"),
    Field("due", Instant(), "claim.created_at", doc="When its money may first be drawn."),
    Field("credits", ListOf(CREDIT), lambda _: ()),
    Field("created", Instant(), "claim.created_at"),
    Field("discount_amount", Integer(min=0), lambda _: 0),
    Field("org_amount", Integer(min=0), "claim.gross_minor", doc="Gross, before any change."),
    Field("amount_vat", Integer(), "claim.tax_minor"),
    Field("amount_ex_vat", Integer(), "claim.net_minor"),
    Field("settled_amount", Integer(), "claim.settled_minor"),
    Field("refunded_amount", Integer(), lambda _: 0),
    Field("order_lines", ListOf(ORDER_LINE), "lines"),
    Field("additional_costs", ListOf(Text()), lambda _: ()),
    Field(
        "transactions",
        ListOf(TRANSACTION),
        lambda it: it.attempts[-TRANSACTIONS_MAX:],
        doc="The latest 100 tries to draw its money, oldest first.",
    ),
    optional("subscription", handle(), lambda it: it.period and it.period.subscription),
    optional("plan", handle(), lambda it: it.period and it.period.plan),
    optional("plan_version", Integer(), lambda it: it.period and it.period.plan_version),
    optional("period_number", Integer(), lambda it: it.period and it.period.index + 1),
    optional("period_from", Instant(), lambda it: it.period and it.period.starts_at),
    optional("period_to", Instant(), lambda it: it.period and it.period.ends_at),
    optional(
        "processing",
        Boolean(),
        lambda it: any(each.is_busy for each in it.attempts),
        doc="Money is being drawn at this moment.",
    ),
    optional("number", Integer(min=1), "claim.sequence", doc="Within its series and year."),
    optional("settled", Instant(), "claim.settled_at"),
    optional("billing_address", ADDRESS, "claim.recipient", doc="Whom it was written to."),
    optional("accounting_number", Text(), lambda it: it.claim.number or None),
    optional("accounting_created_date", Instant(), "claim.documented_at"),
    doc="A claim for money with what its document says.",
)


def told(account: Account, ids: Sequence[UUID]) -> list[Told]:
    """The claims in this order; the same number of statements for any number of them."""
    found = claims.claim_facts(account, ids)
    periods = subscriptions.periods_by_invoice(account, ids)
    attempts = payments.attempts_by_invoice(account, ids)
    return [Told(found[each], periods.get(each), attempts.get(each, ())) for each in ids]


def load(account: Account, rows: Sequence[Row]) -> Iterable[Told]:
    return told(account, [row["id"] for row in rows])


def _of_types(given: Iterable[str]) -> list[Filter]:
    asked = {RECURRING, ONE_OFF} & set(given)
    if len(asked) == 1:
        return [Filter("subscription_id", Op.EMPTY, ONE_OFF in asked)]
    return [] if asked else [NOTHING]


NAMED = (
    exact("handle"),
    words_of("state", STATES),
    exact("customer"),
    Criterion("subscription", Text(), lambda ids, _: [Filter("subscription_id", Op.ANY, ids)]),
    exact("accounting_number", "number"),
    texts("currency"),
    number("amount", "gross_minor"),
)
LIST = CurrentList(
    name="InvoiceList",
    shape=INVOICE,
    listing=listings.INVOICES,
    load=load,
    ranges={"created": "created_at", "settled": "settled_at"},
    criteria=(
        *NAMED,
        prefix("handle_prefix", "handle"),
        contains("handle_contains", "handle"),
        prefix("accounting_number_prefix", "number"),
        contains("accounting_number_contains", "number"),
        words_without("exclude_state", STATES, "state"),
        constant("refunded_amount"),
        constant("authorized_amount"),
        number("settled_amount", "settled_minor"),
        Criterion("type", ListOf(Choice(*TYPES)), lambda given, _: _of_types(given)),
        truth("partial_settled", "is_partly_settled"),
        Criterion("number", Integer(min=1), lambda given, _: [Filter("sequence", Op.IS, given)]),
        moment("due", "created_at"),
        *refused("plan"),
        *none_have("debtor_id", "dunning_start", "dunning_success"),
    ),
)
OLD_LIST = OldList(
    name="InvoiceSearch",
    shape=INVOICE,
    listing=listings.INVOICES,
    load=load,
    searched=tuple(each for each in NAMED if each.name != "subscription"),
    prefixed={"handle": "handle", "accounting_number": "number"},
    sorted_by={"created": "created_at", "handle": "handle", "amount": "gross_minor"},
)


class Invoices(View):
    @operation("Search invoices", OLD_LIST.answer, query=OLD_LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        return OLD_LIST.page(call)


class InvoiceList(View):
    @operation("List invoices", LIST.answer, query=LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        asked = call.query.get("subscription")
        if asked:
            call.query["subscription"] = any_of(subscriptions.id_of(call.account, asked))
        return LIST.page(call)


class OneInvoice(View):
    @operation("Get an invoice", INVOICE, doc="By its handle or by its id.")
    def get(self, call: Call, invoice: str) -> Told:
        return told(call.account, [claims.id_of(call.account, invoice)])[0]


urls = [
    path("invoice", Invoices.as_view()),
    path("list/invoice", InvoiceList.as_view()),
    path("invoice/<handle:invoice>", OneInvoice.as_view()),
]
