"""Tries to draw money for an invoice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.urls import path

from accounts.models import Account
from api.v1.base import View
from api.v1.filters import Criterion, exact, number, texts
from api.v1.lists import CurrentList
from api.v1.payment_method import CARD, CARD_DETAILS, KINDS, OF_CARDS, TEST_GATEWAY, wire_id
from api.v1.payment_method import id_of as method_id_of
from api.v1.selections import any_of, identified, none_have, refused, same_for_all
from foundation.listing import Filter, Op, Row
from foundation.wire.kinds import Choice, Instant, Integer, ListOf, Text, handle
from foundation.wire.shapes import Field, Shape, optional
from foundation.wire.views import Call, operation
from invoicing.queries.claims import id_of as invoice_id_of
from kernel.errors import NotFound
from payments import listings, queries
from payments.domain.lifecycle import State
from payments.queries import AttemptDetail

TO_WIRE: Mapping[State, str] = {
    State.REQUESTED: "pending",
    State.IN_FLIGHT: "processing",
    State.UNKNOWN: "processing",
    State.SUCCEEDED: "settled",
    State.SOFT_DECLINED: "failed",
    State.HARD_DECLINED: "failed",
}
STATES = ("pending", "processing", "authorized", "settled", "refunded", "failed", "cancelled")
TYPES = ("settle", "refund", "authorization")
ERROR_STATES = ("pending", "soft_declined", "hard_declined", "processing_error")
DECLINES = {State.SOFT_DECLINED: "soft_declined", State.HARD_DECLINED: "hard_declined"}
PAYMENT_TYPES = (
    *KINDS,
    *[
        "mpo",
        "mobilepay",
        "vipps",
        "vipps_epayment",
        "vipps_recurring",
        "swish",
        "viabill",
        "anyday",
        "manual",
        "applepay",
        "googlepay",
        "paypal",
        "klarna_pay_now",
        "klarna_pay_later",
        "klarna_slice_it",
        "klarna_direct_bank_transfer",
        "klarna_direct_debit",
        "resurs",
        "ideal",
        "p24",
        "bancomatpay",
        "blik",
        "giropay",
        "sepa",
        "sepa_ebics",
        "verkkopankki",
        "mobilepay_subscriptions",
        "emv_token",
        "bcmc",
        "pp_blik_oc",
        "trustly",
        "eps",
        "estonia_banks",
        "latvia_banks",
        "lithuania_banks",
        "mb_way",
        "multibanco",
        "mybank",
        "payconiq",
        "paysafecard",
        "paysera",
        "postfinance",
        "satispay",
        "twint",
        "wechatpay",
        "santander",
        "offline_cash",
        "offline_bank_transfer",
        "offline_other",
    ],
)


def error_state(attempt: AttemptDetail) -> str | None:
    """How bad it is: a fault in the chain is none of the card's."""
    if attempt.is_busy:
        return "pending"
    found = DECLINES.get(attempt.state)
    return "processing_error" if found and attempt.is_chain_fault else found


def ended(*states: State) -> Any:
    """The moment of its end, where it ended in one of these states."""
    return lambda it: it.ended_at if it.state in states else None


def of_method(field: Field) -> Field:
    """What is told of the card itself, told of its transaction too."""
    return replace(field, source=lambda it: field.get(it.method))


CARD_TRANSACTION = Shape(
    "CardTransaction",
    *(of_method(each) for each in CARD_DETAILS if each.name != "gw_ref"),
    optional("card", CARD, "method"),
    optional("provider", Text(), lambda _: TEST_GATEWAY),
    optional("error", Text(), lambda it: it.error or None, doc="Why it was declined."),
    optional("error_state", Choice(*ERROR_STATES), error_state),
    optional("gw_id", Text(), lambda it: it.gateway_reference or None),
    optional("acquirer_reference", Text(), lambda it: it.gateway_reference or None),
)
TRANSACTION = Shape(
    "Transaction",
    Field("id", Text(max=32), lambda it: it.id.hex),
    Field("state", Choice(*STATES), lambda it: TO_WIRE[it.state]),
    Field("invoice", handle(), "invoice", doc="The invoice's handle."),
    Field("type", Choice(*TYPES), lambda _: "settle"),
    Field("amount", Integer(min=0), "amount_minor"),
    Field("created", Instant(), "created_at"),
    Field("payment_type", Choice(*PAYMENT_TYPES), lambda _: "card"),
    optional("currency", Text(max=3), "currency"),
    optional("settled", Instant(), ended(State.SUCCEEDED)),
    optional("failed", Instant(), ended(*DECLINES)),
    optional("payment_method", Text(max=35), lambda it: wire_id(it.method.id)),
    optional("card_transaction", CARD_TRANSACTION, lambda it: it),
    optional("payment_context", Text(), lambda _: "mit", doc="Drawn by the merchant."),
    optional("customer_handle", handle(), "method.customer"),
    doc="One try to draw money for an invoice.",
)


def load(account: Account, rows: Sequence[Row]) -> Iterable[AttemptDetail]:
    found = queries.attempt_details(account, [row["id"] for row in rows])
    return [found[row["id"]] for row in rows]


def _of_states(wire: Sequence[str]) -> tuple[str, ...]:
    return tuple(ours for ours, said in TO_WIRE.items() if said in wire)


LIST = CurrentList(
    name="TransactionList",
    shape=TRANSACTION,
    listing=listings.ATTEMPTS,
    load=load,
    criteria=(
        same_for_all("type", "settle", others=TYPES[1:]),
        Criterion(
            "state",
            ListOf(Choice(*STATES)),
            lambda given, _: [Filter("state", Op.ANY, _of_states(given))],
        ),
        same_for_all("payment_type", *KINDS, others=PAYMENT_TYPES[1:]),
        Criterion("invoice", Text(), lambda ids, _: [Filter("invoice_id", Op.ANY, ids)]),
        texts("currency"),
        number("amount", "amount_minor"),
        *OF_CARDS,
        same_for_all("card_gateway", TEST_GATEWAY),
        Criterion(
            "payment_method",
            Text(),
            lambda text, _: [Filter("method_id", Op.ANY, any_of(method_id_of(text)))],
        ),
        exact("card_error", "error"),
        exact("card_acquirer_reference", "gateway_reference"),
        same_for_all("payment_context", "mit"),
        *none_have("card_fingerprint", "card_country", "card_acquirer_code", "frictionless"),
        *refused("accounting_invoice", "card_error_state"),
    ),
)


class TransactionList(View):
    @operation("List transactions", LIST.answer, query=LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        asked = call.query.get("invoice")
        if asked:
            call.query["invoice"] = _invoices(call.account, asked)
        return LIST.page(call)


def _invoices(account: Account, name: str) -> tuple[UUID, ...]:
    try:
        return (invoice_id_of(account, name),)
    except NotFound:
        return ()


class OneTransaction(View):
    @operation("Get a transaction", TRANSACTION)
    def get(self, call: Call, invoice: str, transaction: str) -> AttemptDetail:
        invoice_id = invoice_id_of(call.account, invoice)
        id_ = identified(transaction)
        found = queries.attempt_details(call.account, any_of(id_))
        if id_ is None or id_ not in found or found[id_].invoice_id != invoice_id:
            raise NotFound("transaction", transaction)
        return found[id_]


urls = [
    path("list/transaction", TransactionList.as_view()),
    path("invoice/<handle:invoice>/transaction/<handle:transaction>", OneTransaction.as_view()),
]
