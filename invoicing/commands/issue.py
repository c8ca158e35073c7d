"""Issue claims with their documents: numbered, posted, final."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
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

INVOICE = (
    "id",
    "account_id",
    "handle",
    "customer_id",
    "subscription_id",
    "state",
    "currency",
    "gross_minor",
    "settled_minor",
    "issued_on",
    "due_on",
    "created_at",
    "settled_at",
)
DOCUMENT = (
    "id",
    "account_id",
    "invoice_id",
    "kind",
    "series",
    "year",
    "sequence",
    "number",
    "issued_on",
    "due_on",
    "service_from",
    "service_to",
    "account_version_id",
    "customer_version_id",
    "language",
    "currency",
    "net_minor",
    "tax_minor",
    "gross_minor",
    "created_at",
)
LINE = (
    "account_id",
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


@dataclass(frozen=True, slots=True)
class _Claim:
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
    _write_invoices(account, claims, (today, due_on, now))
    _write_lines(account, claims)
    post(
        account=account,
        entries=[_entry(each, today) for each in claims if each.totals.net or each.totals.tax],
        now=now,
    )
    outbox.append(*(_fact(each, due_on) for each in claims))
    _write_documents(account, claims, (today, due_on, now))
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
    return _Claim(draft, invoice_id, document_id, sums)


Dates = tuple[date, date, datetime]


def _write_invoices(account: Account, claims: Sequence[_Claim], dates: Dates) -> None:
    account_id, (today, due_on, now) = account.id, dates
    rows: list[tuple[Any, ...]] = []
    for each in claims:
        draft, gross = each.draft, each.totals.gross
        state, settled_at = (State.PENDING, None) if gross else (State.SETTLED, now)
        rows.append(
            (
                each.invoice_id,
                account_id,
                draft.handle,
                draft.customer_id,
                draft.subscription_id,
                state,
                draft.currency,
                gross,
                0,
                today,
                due_on,
                now,
                settled_at,
            )
        )
    bulk.insert(Invoice, INVOICE, rows)


def _write_lines(account: Account, claims: Sequence[_Claim]) -> None:
    account_id = account.id
    rows = [
        (
            account_id,
            each.document_id,
            position,
            line.origin,
            line.origin_handle,
            line.text,
            line.quantity,
            line.unit_minor,
            line.incl_vat,
            _decimal(line.vat_rate),
            amounts.net,
            amounts.tax,
            amounts.gross,
            line.service_from,
            line.service_to,
        )
        for each in claims
        for position, (line, amounts) in enumerate(
            zip(each.draft.lines, each.totals.lines, strict=True), start=1
        )
    ]
    bulk.insert(DocumentLine, LINE, rows)


def _write_documents(account: Account, claims: Sequence[_Claim], dates: Dates) -> None:
    today, due_on, now = dates
    series = series_of(account.invoice_prefix, is_live=account.state == account.State.LIVE)
    faultpoint("invoicing.before_number")
    block = numbers.take(account, series, count=len(claims), on=today)
    faultpoint("invoicing.after_number")
    fixed = (account.id, Document.Kind.INVOICE, account.version_id, account.language)
    account_id, kind, account_version_id, language = fixed
    rows = [
        (
            each.document_id,
            account_id,
            each.invoice_id,
            kind,
            series,
            today.year,
            sequence,
            number_text(series, today.year, sequence),
            block.issued_on,
            due_on,
            each.draft.service_from,
            each.draft.service_to,
            account_version_id,
            each.draft.customer_version_id,
            language,
            each.draft.currency,
            each.totals.net,
            each.totals.tax,
            each.totals.gross,
            now,
        )
        for sequence, each in enumerate(claims, start=block.first)
    ]
    bulk.insert(Document, DOCUMENT, rows)
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
def _decimal(rate: Fraction) -> Decimal:
    return Decimal(rate.numerator) / Decimal(rate.denominator)
