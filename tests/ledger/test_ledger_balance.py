"""The journal: balanced entries, each booked once, and the database as the last judge."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, IntegrityError

from foundation import bulk
from foundation.tenancy import WrongTenant, tenant
from kernel.ids import new_id
from ledger import queries
from ledger.commands.post import ENTRY, POSTING, post
from ledger.domain.chart import Entry, LedgerAccount, Reason
from ledger.models import JournalEntry, JournalPosting
from tests.factories import NOON, make_account, make_customers

DAY = date(2026, 1, 31)
BIGINT_MAX = 2**63 - 1


@pytest.fixture
def account_id():
    return make_account()


def sale(amount: int, **rest) -> Entry:
    values: dict[str, Any] = {
        "reason": Reason.ISSUED,
        "subject_id": new_id(),
        "customer_id": None,
        "booked_on": DAY,
        "currency": "EUR",
        "postings": ((LedgerAccount.RECEIVABLE, amount), (LedgerAccount.REVENUE, -amount)),
    }
    return Entry(**values | rest)


def write_by_hand(*postings: tuple[int, str, int]) -> None:
    """Past the domain's own check: (entry, currency, amount) in one statement."""
    entries = {number: new_id() for number, _, _ in postings}
    bulk.insert(
        JournalEntry,
        ENTRY,
        [(id_, "issued", new_id(), None, DAY) for id_ in entries.values()],
        same={"created_at": NOON},
    )
    bulk.insert(
        JournalPosting,
        POSTING,
        [(entries[number], "bank", currency, amount) for number, currency, amount in postings],
    )


def test_entries_are_booked_and_the_books_are_even(account_id):
    with tenant(account_id) as account:
        post(account=account, entries=[sale(1990), sale(500), sale(700, currency="CHF")], now=NOON)

    with tenant(account_id) as account:
        assert queries.balances(account) == {
            ("receivable", "EUR"): 2490,
            ("revenue", "EUR"): -2490,
            ("receivable", "CHF"): 700,
            ("revenue", "CHF"): -700,
        }
        assert queries.unbalanced(account) == []


@pytest.mark.parametrize(
    "postings",
    [(), ((LedgerAccount.RECEIVABLE, 1),), ((LedgerAccount.BANK, 2), (LedgerAccount.FEES, -1))],
)
def test_an_entry_that_does_not_balance_cannot_be_thought(postings):
    with pytest.raises(AssertionError):
        sale(0, postings=postings)


def test_an_unbalanced_entry_is_refused_by_the_database(account_id):
    with pytest.raises(IntegrityError, match="does not balance"), tenant(account_id):
        write_by_hand((1, "EUR", 100), (1, "EUR", -99))
    with tenant(account_id) as account:
        assert not JournalEntry.objects.of(account).exists()


def test_one_unbalanced_entry_among_a_thousand_is_refused_by_the_database(account_id):
    even = [(number, "EUR", amount) for number in range(1000) for amount in (5, -5)]
    with pytest.raises(IntegrityError, match="does not balance"), tenant(account_id):
        write_by_hand(*even, (1000, "EUR", 1))


def test_two_wrongs_do_not_even_out_across_entries_or_currencies(account_id):
    with pytest.raises(IntegrityError, match="does not balance"), tenant(account_id):
        write_by_hand((1, "EUR", 100), (2, "EUR", -100))
    with pytest.raises(IntegrityError, match="does not balance"), tenant(account_id):
        write_by_hand((1, "EUR", 100), (1, "CHF", -100))


def test_a_reason_and_its_subject_are_booked_once(account_id):
    subject_id = new_id()
    with tenant(account_id) as account:
        post(account=account, entries=[sale(100, subject_id=subject_id)], now=NOON)
    with pytest.raises(IntegrityError, match="journal_entry_once"), tenant(account_id) as account:
        post(account=account, entries=[sale(100, subject_id=subject_id)], now=NOON)
    with tenant(account_id) as account:
        collected = sale(-100, subject_id=subject_id, reason=Reason.COLLECTED)
        post(account=account, entries=[collected], now=NOON)
        assert queries.receivables_by_subject(account, [subject_id, uuid4()]) == {subject_id: 0}


def test_the_largest_amount_is_kept_to_the_unit_and_one_more_is_refused(account_id):
    with tenant(account_id) as account:
        post(account=account, entries=[sale(BIGINT_MAX), sale(BIGINT_MAX)], now=NOON)
        assert queries.balances(account)["receivable", "EUR"] == 2 * BIGINT_MAX
    with pytest.raises(DataError, match="out of range"), tenant(account_id) as account:
        post(account=account, entries=[sale(BIGINT_MAX + 1)], now=NOON)


def test_an_unknown_ledger_account_is_refused_by_the_database(account_id):
    entries = [sale(0, postings=(("secret", 1), ("bank", -1)))]
    with pytest.raises(IntegrityError, match="posting_account"), tenant(account_id) as account:
        post(account=account, entries=entries, now=NOON)


def test_what_a_customer_owes_is_the_sum_of_her_receivables_in_one_currency(account_id):
    with tenant(account_id) as account:
        anna, ben = make_customers(account, "anna", "ben")
        entries = [
            sale(1990, customer_id=anna),
            sale(-990, customer_id=anna, reason=Reason.COLLECTED),
            sale(7, customer_id=anna, currency="CHF"),
            sale(5, customer_id=ben),
        ]
        post(account=account, entries=entries, now=NOON)
        assert queries.receivable(account, anna, "EUR") == 1000
        assert queries.receivable(account, ben, "CHF") == 0


def test_nothing_to_book_asks_the_database_nothing(account_id, django_assert_num_queries):
    with tenant(account_id) as account, django_assert_num_queries(0):
        post(account=account, entries=[], now=NOON)


def test_the_books_of_another_account_are_refused(account_id):
    with tenant(make_account()) as stranger:
        pass
    with tenant(account_id):
        for question in (
            lambda: queries.balances(stranger),
            lambda: queries.unbalanced(stranger),
            lambda: queries.receivable(stranger, new_id(), "EUR"),
            lambda: queries.receivables_by_subject(stranger, [new_id()]),
        ):
            with pytest.raises(WrongTenant):
                question()


def test_a_posting_cannot_stand_without_its_entry(account_id):
    with pytest.raises(IntegrityError, match="posting_entry_id_wall"), tenant(account_id):
        bulk.insert(JournalPosting, POSTING, [(new_id(), "bank", "EUR", 0)])
