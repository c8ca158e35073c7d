"""A claim is covered once, never more than it claims, and only while it may be."""

from datetime import date
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError

from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from invoicing import queries
from invoicing.commands.settle import Settlement, settle
from invoicing.models import Invoice
from kernel.errors import Refused, TransitionRefused
from kernel.ids import new_id
from ledger.models import JournalEntry
from ledger.queries import balances, receivable, unbalanced
from tests.factories import NOON, make_account, make_customers
from tests.invoicing.drafts import issue_one, line
from tests.witness import at_once, nothing_changes, refused


@pytest.fixture
def claim():
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "one")
        invoice_id = issue_one(account, "inv-1", line(1190))
    return account_id, invoice_id


def pay(account_id, *settlements):
    with tenant(account_id) as account:
        settle(account=account, settlements=settlements, now=NOON)


def of(invoice_id, amount, source: UUID | None = None):
    return Settlement(invoice_id, source or new_id(), amount)


def state_of(account_id, invoice_id):
    with tenant(account_id) as account:
        claim = Invoice.objects.of(account).get(id=invoice_id)
        return claim.state, claim.settled_minor, claim.open_minor, claim.settled_at


def settled_facts(account_id):
    with tenant(account_id) as account:
        facts = OutboxEvent.objects.of(account).filter(kind="invoice.settled")
        return list(facts.values_list("payload", flat=True))


def test_the_whole_amount_settles_the_claim_books_it_and_says_so(claim):
    account_id, invoice_id = claim
    source = new_id()

    pay(account_id, of(invoice_id, 1190, source))

    assert state_of(account_id, invoice_id) == ("settled", 1190, 0, NOON)
    with tenant(account_id) as account:
        entry = JournalEntry.objects.of(account).get(reason="collected")
        assert (entry.subject_id, entry.booked_on) == (source, date(2026, 1, 15))
        assert entry.customer_id is not None
        assert receivable(account, entry.customer_id, "EUR") == 0
        assert balances(account) == {
            ("receivable", "EUR"): 0,
            ("deferred_revenue", "EUR"): -1000,
            ("vat", "EUR"): -190,
            ("acquirer", "EUR"): 1190,
        }
        assert unbalanced(account) == []
    (fact,) = settled_facts(account_id)
    assert (fact["invoice_id"], fact["settled_on"]) == (invoice_id.hex, "2026-01-15")


def test_a_part_leaves_the_rest_open_and_the_rest_settles_it(claim):
    account_id, invoice_id = claim

    pay(account_id, of(invoice_id, 190))
    assert state_of(account_id, invoice_id) == ("pending", 190, 1000, None)
    assert settled_facts(account_id) == []

    pay(account_id, of(invoice_id, 1000))
    assert state_of(account_id, invoice_id) == ("settled", 1190, 0, NOON)
    assert len(settled_facts(account_id)) == 1


@pytest.mark.parametrize("amount", [1191, 0, -1, 2**63])
def test_more_than_is_open_or_not_above_zero_is_refused(claim, amount):
    account_id, invoice_id = claim

    with refused(account_id, Refused, "over_settled"):
        pay(account_id, of(invoice_id, amount))


def test_settling_twice_is_refused(claim):
    account_id, invoice_id = claim
    pay(account_id, of(invoice_id, 1190))

    with refused(account_id, Refused, "over_settled"):
        pay(account_id, of(invoice_id, 1190))


def test_one_source_is_booked_once(claim):
    account_id, invoice_id = claim
    source = new_id()
    pay(account_id, of(invoice_id, 100, source))

    with nothing_changes(account_id), pytest.raises(IntegrityError, match="journal_entry_once"):
        pay(account_id, of(invoice_id, 100, source))


def test_of_two_who_settle_at_once_one_is_refused(claim):
    account_id, invoice_id = claim

    outcomes = at_once(*(lambda: pay(account_id, of(invoice_id, 1190)) for _ in range(2)))

    refusals = [each for each in outcomes if each is not None]
    assert [each.code for each in refusals] == ["over_settled"]
    assert state_of(account_id, invoice_id)[:3] == ("settled", 1190, 0)
    with tenant(account_id) as account:
        assert balances(account)["acquirer", "EUR"] == 1190


def test_one_that_is_refused_takes_the_whole_batch_with_it(claim):
    account_id, invoice_id = claim
    with tenant(account_id) as account:
        other = issue_one(account, "inv-2", line(500))

    with refused(account_id, Refused, "over_settled"):
        pay(account_id, of(invoice_id, 1190), of(other, 501))


def test_a_claim_may_stand_in_a_batch_once(claim):
    account_id, invoice_id = claim

    with (
        nothing_changes(account_id),
        pytest.raises(AssertionError, match="each claim appears once"),
    ):
        pay(account_id, of(invoice_id, 100), of(invoice_id, 200))


def test_a_claim_of_another_account_cannot_be_settled(claim):
    other = make_account()

    with nothing_changes(claim[0]), nothing_changes(other), pytest.raises(AssertionError):
        pay(other, of(claim[1], 1190))


def test_a_cancelled_claim_takes_no_money(claim):
    account_id, invoice_id = claim
    with tenant(account_id) as account:
        Invoice.objects.of(account).filter(id=invoice_id).update(state="cancelled")

    with refused(account_id, TransitionRefused, "transition_refused"):
        pay(account_id, of(invoice_id, 1190))


@pytest.mark.parametrize("state", ["dunning", "failed"])
def test_a_dunned_and_a_failed_claim_may_still_be_settled(claim, state):
    account_id, invoice_id = claim
    with tenant(account_id) as account:
        Invoice.objects.of(account).filter(id=invoice_id).update(state=state)

    pay(account_id, of(invoice_id, 1190))

    assert state_of(account_id, invoice_id)[0] == "settled"


def test_nothing_to_settle_changes_nothing(claim):
    with nothing_changes(claim[0]):
        pay(claim[0])


@pytest.mark.parametrize("amount", ["gross_minor + 1", "-1"])
def test_the_database_refuses_to_settle_more_than_is_claimed_or_less_than_nothing(
    claim, owner, amount
):
    with pytest.raises(psycopg.errors.CheckViolation, match="invoice_settled_within"):
        owner.execute(
            f"UPDATE invoicing_invoice SET settled_minor = {amount} WHERE id = %s", [claim[1]]
        )


def test_only_claims_with_something_open_are_collectable(claim):
    account_id, open_id = claim
    with tenant(account_id) as account:
        free = issue_one(account, "free", line(0))
        settled = issue_one(account, "paid", line(100))
        partly = issue_one(account, "partly", line(300))
    pay(account_id, of(settled, 100), of(partly, 120))

    with tenant(account_id) as account:
        claims = queries.lock_open(account, [free, settled, partly, open_id])
        assert [(each.id, each.open_minor) for each in claims] == [(open_id, 1190), (partly, 180)]
