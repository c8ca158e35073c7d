"""Drafts for tests that issue claims without a subscription."""

from datetime import date
from fractions import Fraction

from customers.queries import by_handle
from invoicing.commands.issue import issue
from invoicing.domain.draft import DraftLine, InvoiceDraft
from tests.factories import NOON


def line(amount, rate="0.19", *, incl_vat=True, handle="thing"):
    return DraftLine(
        "plan",
        handle,
        "Ding",
        1,
        amount,
        amount,
        incl_vat,
        Fraction(rate),
        date(2026, 1, 1),
        date(2026, 1, 31),
    )


def draft(account, handle, *lines, **rest):
    """Of one line of 11.90 unless others are given."""
    return empty_draft(account, handle, lines=lines or (line(1190),), **rest)


def empty_draft(account, handle, *, lines=(), customer="one", currency="EUR"):
    found = by_handle(account, customer)
    return InvoiceDraft(
        handle=handle,
        customer_id=found.id,
        customer_version_id=found.version_id,
        subscription_id=None,
        currency=currency,
        lines=lines,
        service_from=date(2026, 1, 1),
        service_to=date(2026, 1, 31),
    )


def issue_all(account, *drafts):
    return issue(account=account, drafts=drafts, now=account.clock_at or NOON)


def issue_one(account, handle, *lines, **rest):
    """The id of the new claim."""
    (issued,) = issue_all(account, draft(account, handle, *lines, **rest))
    return issued.id
