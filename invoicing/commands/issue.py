"""Issue claims with their documents: numbered, posted, final."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from accounts.models import Account
from accounts.queries import business_today
from foundation import bulk, numbers, outbox
from foundation.faultpoint import faultpoint
from invoicing.domain.draft import InvoiceDraft, IssuedInvoice
from invoicing.domain.lifecycle import State
from invoicing.domain.numbering import number_text, series_of
from invoicing.domain.totals import Totals, totals
from invoicing.errors import MixedDraft
from invoicing.events import InvoiceIssued
from invoicing.models import Document, DocumentLine, Invoice
from kernel.ids import new_ids
from kernel.money import Money
from ledger.commands.post import post
from ledger.domain.chart import Entry, LedgerAccount, Posting, Reason

LARGEST = 2**63 - 1
INVOICE = (
    "id",
    "handle",
    "customer_id",
    "subscription_id",
    "state",
    "currency",
    "gross_minor",
    "settled_at",
)
DOCUMENT = (
    "id",
    "invoice_id",
    "sequence",
    "number",
    "service_from",
    "service_to",
    "customer_version_id",
    "currency",
    "net_minor",
    "tax_minor",
    "gross_minor",
)
LINE = (
    "document_id",
    "position",
    "origin",
    "origin_handle",
    "text",
    "quantity",
    "unit_minor",
    "incl_vat",
    "vat_rate",
    "net_minor",
    "tax_minor",
    "gross_minor",
    "service_from",
    "service_to",
)


class _Claim(NamedTuple):
    """A draft with its ids and amounts, on its way to the tables."""

    draft: InvoiceDraft
    invoice_id: UUID
    document_id: UUID
    totals: Totals


def issue(
    *,
    account: Account,
    drafts: Sequence[InvoiceDraft],
    now: datetime,
    ids: Sequence[UUID] | None = None,
) -> list[IssuedInvoice]:
    """Make every draft a claim with its document, in order; all of them or none.

    `now` is the account's business time; `ids` are the ids the claims shall have, for a caller
    that has referred to them already. A claim of nothing is settled from the start. The block
    of numbers is taken last, because its counter is locked from there to the commit.
    """
    if not drafts:
        return []
    claims = _claims(drafts, ids or new_ids(len(drafts)))
    today = business_today(account)
    due_on = today + timedelta(days=account.payment_days)
    _write_invoices(claims, today, due_on, now)
    _write_lines(claims)
    post(
        account=account,
        entries=[_entry(each, today) for each in claims if each.totals.net or each.totals.tax],
        now=now,
    )
    outbox.append(*(_fact(each, due_on) for each in claims))
    _write_documents(account, claims, today, due_on, now)
    return [IssuedInvoice(each.invoice_id, each.totals.gross) for each in claims]


def _claims(drafts: Sequence[InvoiceDraft], ids: Sequence[UUID]) -> list[_Claim]:
    documents = new_ids(len(drafts))
    return [_claim(*each) for each in zip(drafts, ids, documents, strict=True)]


def _claim(draft: InvoiceDraft, invoice_id: UUID, document_id: UUID) -> _Claim:
    if not draft.lines:
        raise MixedDraft(draft.handle, "it has no lines")
    sums = totals(draft.lines)
    if sums.gross < 0:
        raise MixedDraft(draft.handle, "its total is below zero")
    if sums.gross > LARGEST:
        raise MixedDraft(draft.handle, "its total is more than an amount can hold")
    return _Claim(draft, invoice_id, document_id, sums)


def _write_invoices(claims: Sequence[_Claim], today: date, due_on: date, now: datetime) -> None:
    rows = []
    for each in claims:
        draft, gross = each.draft, each.totals.gross
        state, settled_at = (State.PENDING, None) if gross else (State.SETTLED, now)
        rows.append(
            (
                each.invoice_id,
                draft.handle,
                draft.customer_id,
                draft.subscription_id,
                state,
                draft.currency,
                gross,
                settled_at,
            )
        )
    same = {"settled_minor": 0, "issued_on": today, "due_on": due_on, "created_at": now}
    bulk.insert(Invoice, INVOICE, rows, same=same)


def _write_lines(claims: Sequence[_Claim]) -> None:
    rows = [
        (
            each.document_id,
            position,
            line.origin,
            line.origin_handle,
            line.text,
            line.quantity,
            line.unit_minor,
            line.incl_vat,
            _decimal(*line.vat_rate.as_integer_ratio()),
            *amounts,
            line.service_from,
            line.service_to,
        )
        for each in claims
        for position, (line, amounts) in enumerate(
            zip(each.draft.lines, each.totals.lines, strict=True), start=1
        )
    ]
    bulk.insert(DocumentLine, LINE, rows)


def _write_documents(
    account: Account, claims: Sequence[_Claim], today: date, due_on: date, now: datetime
) -> None:
    series = series_of(account.invoice_prefix, is_live=account.state == account.State.LIVE)
    year = today.year
    faultpoint("invoicing.before_number")
    block = numbers.take(account, series, count=len(claims), on=today)
    faultpoint("invoicing.after_number")
    rows = [
        (
            each.document_id,
            each.invoice_id,
            sequence,
            number_text(series, year, sequence),
            each.draft.service_from,
            each.draft.service_to,
            each.draft.customer_version_id,
            each.draft.currency,
            each.totals.net,
            each.totals.tax,
            each.totals.gross,
        )
        for sequence, each in enumerate(claims, start=block.first)
    ]
    same = {
        "kind": Document.Kind.INVOICE.value,
        "series": series,
        "year": year,
        "issued_on": block.issued_on,
        "due_on": due_on,
        "account_version_id": account.version_id,
        "language": account.language,
        "created_at": now,
    }
    bulk.insert(Document, DOCUMENT, rows, same=same)
    faultpoint("invoicing.issued")


def _entry(claim: _Claim, today: date) -> Entry:
    """What is owed against what is still to be served, and the tax on it."""
    sums = claim.totals
    postings: list[Posting] = [
        (LedgerAccount.RECEIVABLE, sums.gross),
        (LedgerAccount.DEFERRED_REVENUE, -sums.net),
        (LedgerAccount.VAT, -sums.tax),
    ]
    return Entry(
        reason=Reason.ISSUED,
        subject_id=claim.document_id,
        customer_id=claim.draft.customer_id,
        booked_on=today,
        currency=claim.draft.currency,
        postings=tuple(each for each in postings if each[1]),
    )


def _fact(claim: _Claim, due_on: date) -> InvoiceIssued:
    return InvoiceIssued(
        invoice_id=claim.invoice_id,
        customer_id=claim.draft.customer_id,
        subscription_id=claim.draft.subscription_id,
        gross=Money(claim.totals.gross, claim.draft.currency),
        due_on=due_on,
    )


@lru_cache(maxsize=256)
def _decimal(numerator: int, denominator: int) -> str:
    return str(Decimal(numerator) / Decimal(denominator))
