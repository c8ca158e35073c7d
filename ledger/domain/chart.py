"""The chart of accounts, and entries that cannot be unbalanced."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class LedgerAccount(StrEnum):
    """Every ledger account; each holds every currency apart. Debit is positive."""

    RECEIVABLE = "receivable"
    DEFERRED_REVENUE = "deferred_revenue"
    REVENUE = "revenue"
    VAT = "vat"
    ACQUIRER = "acquirer"
    BANK = "bank"
    CUSTOMER_CREDIT = "customer_credit"
    WRITE_OFF = "write_off"
    FEES = "fees"


class Reason(StrEnum):
    """Why an entry was made; with its subject it is made once."""

    ISSUED = "issued"
    COLLECTED = "collected"


Posting = tuple[LedgerAccount, int]
"""A ledger account and an amount in minor units, debit positive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A balanced set of postings in one currency with one reason."""

    reason: Reason
    subject_id: UUID
    customer_id: UUID | None
    booked_on: date
    currency: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        assert self.postings, "an entry without postings says nothing"
        assert sum(amount for _, amount in self.postings) == 0, "an entry balances"
