"""Post journal entries: all postings of all entries in one statement."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Account
from foundation import bulk
from foundation.faultpoint import faultpoint
from foundation.tenancy import require
from kernel.ids import new_ids
from ledger.domain.chart import Entry
from ledger.models import JournalEntry, JournalPosting

ENTRY = ("id", "reason", "subject_id", "customer_id", "booked_on")
POSTING = ("entry_id", "ledger_account", "currency", "amount_minor")


def post(*, account: Account, entries: Sequence[Entry], now: datetime) -> None:
    """Write the entries; a trigger refuses any that is not zero per currency.

    A reason and subject already booked raises the database's uniqueness error: the caller's
    transaction, whose fact that was, ends.
    """
    if not entries:
        return
    ids = new_ids(len(entries))
    require(account)
    bulk.insert(
        JournalEntry,
        ENTRY,
        [
            (id_, each.reason, each.subject_id, each.customer_id, each.booked_on)
            for id_, each in zip(ids, entries, strict=True)
        ],
        same={"created_at": now},
    )
    bulk.insert(
        JournalPosting,
        POSTING,
        [
            (id_, ledger_account, each.currency, amount)
            for id_, each in zip(ids, entries, strict=True)
            for ledger_account, amount in each.postings
        ],
    )
    faultpoint("ledger.posted")
