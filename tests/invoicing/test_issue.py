"""Issued is numbered without a gap, posted, dated and final."""

from datetime import UTC, date, datetime
from fractions import Fraction

import psycopg
import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.commands.change_details import change_party, change_terms
from accounts.domain.details import Party, Terms
from customers.commands.change import change
from customers.domain.details import Details
from customers.models import CustomerVersion
from customers.queries import by_handle
from foundation import faultpoint
from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from invoicing.commands.issue import issue
from invoicing.models import Document, DocumentLine, Invoice
from kernel.errors import Refused
from kernel.events import from_payload
from kernel.ids import new_ids
from kernel.money import Money
from ledger.models import JournalEntry, JournalPosting
from ledger.queries import balances, unbalanced
from tests.factories import NOON, make_account, make_customers, set_clock
from tests.invoicing.drafts import draft, empty_draft, issue_all, issue_one, line
from tests.witness import at_once, nothing_changes, papers, refused


def shop(**rest):
    account_id = make_account(**rest)
    with tenant(account_id) as account:
        make_customers(account, "one")
    return account_id


def issue_into(account_id, *handles):
    with tenant(account_id) as account:
        return issue_all(account, *(draft(account, each) for each in handles))


def test_a_draft_becomes_a_claim_a_document_lines_an_entry_and_a_fact():
    account_id = shop(payment_days=10)

    with tenant(account_id) as account:
        (issued,) = issue_all(
            account, draft(account, "inv-1", line(1190), line(500, "0.07", incl_vat=False))
        )

    assert issued.gross_minor == 1725
    with tenant(account_id) as account:
        claim = Invoice.objects.of(account).values().get()
        customer = by_handle(account, "one")
        assert claim == {
            "id": issued.id,
            "account_id": account_id,
            "handle": "inv-1",
            "customer_id": customer.id,
            "subscription_id": None,
            "state": "pending",
            "currency": "EUR",
            "gross_minor": 1725,
            "settled_minor": 0,
            "issued_on": date(2026, 1, 15),
            "due_on": date(2026, 1, 25),
            "created_at": NOON,
            "settled_at": None,
        }
        document = Document.objects.of(account).values().get()
        document_id = document["id"]
        assert document == {
            "id": document_id,
            "account_id": account_id,
            "invoice_id": issued.id,
            "kind": "invoice",
            "series": "TEST-INV",
            "year": 2026,
            "sequence": 1,
            "number": "TEST-INV-2026-000001",
            "issued_on": date(2026, 1, 15),
            "due_on": date(2026, 1, 25),
            "service_from": date(2026, 1, 1),
            "service_to": date(2026, 1, 31),
            "account_version_id": account.version_id,
            "customer_version_id": customer.version_id,
            "language": "de",
            "currency": "EUR",
            "net_minor": 1500,
            "tax_minor": 225,
            "gross_minor": 1725,
            "created_at": NOON,
        }
        lines = DocumentLine.objects.of(account).order_by("position")
        assert list(
            lines.values_list("document_id", "position", "net_minor", "tax_minor", "gross_minor")
        ) == [(document_id, 1, 1000, 190, 1190), (document_id, 2, 500, 35, 535)]
        assert [Fraction(each.vat_rate) for each in lines] == [Fraction(19, 100), Fraction(7, 100)]
        entry = JournalEntry.objects.of(account).get()
        assert (entry.reason, entry.subject_id, entry.customer_id, entry.booked_on) == (
            "issued",
            document_id,
            customer.id,
            date(2026, 1, 15),
        )
        postings = JournalPosting.objects.of(account).filter(entry_id=entry.id)
        assert set(postings.values_list("ledger_account", "amount_minor", "currency")) == {
            ("receivable", 1725, "EUR"),
            ("deferred_revenue", -1500, "EUR"),
            ("vat", -225, "EUR"),
        }
        fact = OutboxEvent.objects.of(account).get(kind="invoice.issued")
        assert fact.payload["invoice_id"] == issued.id.hex


def test_numbers_count_on_without_a_gap_over_commands_and_within_them():
    account_id = shop()

    issue_into(account_id, "a")
    issue_into(account_id, "b", "c")
    issue_into(account_id, "d")

    assert [(each.handle, each.number) for each in papers(account_id)] == [
        ("a", "TEST-INV-2026-000001"),
        ("b", "TEST-INV-2026-000002"),
        ("c", "TEST-INV-2026-000003"),
        ("d", "TEST-INV-2026-000004"),
    ]


def test_what_was_rolled_back_leaves_no_gap():
    account_id = shop()
    issue_into(account_id, "a")
    faultpoint.arm("invoicing.issued:1:raise")
    try:
        with nothing_changes(account_id), pytest.raises(faultpoint.InjectedFault):
            issue_into(account_id, "b", "c")
    finally:
        faultpoint.arm("")

    issue_into(account_id, "d")

    assert [each.number for each in papers(account_id)][1:] == ["TEST-INV-2026-000002"]


def test_twenty_workers_at_once_leave_no_gap_and_no_double():
    account_id = shop()

    outcomes = at_once(
        *(
            lambda worker=worker: [issue_into(account_id, f"{worker}-{n}") for n in range(3)]
            for worker in range(20)
        )
    )

    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert [each.number for each in papers(account_id)] == [
        f"TEST-INV-2026-{n:06}" for n in range(1, 61)
    ]


def test_numbers_begin_anew_on_the_first_of_january_of_the_place():
    account_id = shop(timezone="Pacific/Auckland", clock_at=datetime(2026, 12, 31, 10, tzinfo=UTC))
    issue_into(account_id, "old")
    with tenant(account_id) as account:
        account.clock_at = datetime(2026, 12, 31, 11, tzinfo=UTC)
        account.save(update_fields=["clock_at"])

    issue_into(account_id, "new")

    assert [(each.number, each.issued_on) for each in papers(account_id)] == [
        ("TEST-INV-2026-000001", date(2026, 12, 31)),
        ("TEST-INV-2027-000001", date(2027, 1, 1)),
    ]


def test_a_live_account_numbers_without_the_word_test_and_with_its_own_prefix():
    account_id = shop(is_live=True, invoice_prefix="RE-7")

    issue_into(account_id, "a")

    (paper,) = papers(account_id)
    assert paper.number == f"RE-7-{paper.issued_on.year}-000001"


def test_another_prefix_is_another_series():
    account_id = shop()
    issue_into(account_id, "a")
    with tenant(account_id) as account:
        change_terms(account=account, terms=Terms(invoice_prefix="NEU"), actor="a", now=NOON)

    issue_into(account_id, "b")

    assert {each.number for each in papers(account_id)} == {
        "TEST-INV-2026-000001",
        "TEST-NEU-2026-000001",
    }


def test_a_higher_number_never_has_an_earlier_date():
    account_id = shop()
    issue_into(account_id, "a")
    set_clock(account_id, "2026-01-10")

    issue_into(account_id, "b")

    assert [each.issued_on for each in papers(account_id)] == [date(2026, 1, 15)] * 2


def test_the_due_date_is_the_accounts_payment_days_after_the_issue():
    account_id = shop(payment_days=0)
    issue_into(account_id, "today")
    with tenant(account_id) as account:
        change_terms(account=account, terms=Terms(payment_days=365), actor="a", now=NOON)
    issue_into(account_id, "next year")

    assert [each.due_on for each in papers(account_id)] == [date(2026, 1, 15), date(2027, 1, 15)]


def test_a_claim_of_nothing_is_settled_from_the_start_and_books_nothing():
    account_id = shop()

    with tenant(account_id) as account:
        issue_one(account, "free", line(1990), line(-1990))

    (paper,) = papers(account_id)
    assert (paper.state, paper.gross) == ("settled", 0)
    with tenant(account_id) as account:
        assert Invoice.objects.of(account).get().settled_at == NOON
        assert not JournalEntry.objects.of(account).exists()


def test_lines_sum_to_the_document_and_to_the_ledger_for_lines_of_every_sort():
    account_id = shop()
    lines = [
        line(2999),
        line(333, "0.081"),
        line(-100),
        line(995, "0.07", incl_vat=False),
        line(1, "0.333", incl_vat=False),
        line(0, "0"),
    ]

    with tenant(account_id) as account:
        issue_all(account, draft(account, "all", *lines), draft(account, "rev", *lines[::-1]))

    with tenant(account_id) as account:
        for document in Document.objects.of(account):
            found = DocumentLine.objects.of(account).filter(document_id=document.id)
            assert sum(each.net_minor for each in found) == document.net_minor
            assert sum(each.tax_minor for each in found) == document.tax_minor
            assert sum(each.gross_minor for each in found) == document.gross_minor
        assert len({each.gross_minor for each in Document.objects.of(account)}) == 1
        total = sum(each.gross_minor for each in Document.objects.of(account))
        assert balances(account)["receivable", "EUR"] == total
        assert unbalanced(account) == []


def test_every_currency_is_billed_in_its_own_minor_units():
    account_id = shop()

    with tenant(account_id) as account:
        issue_one(account, "yen", line(1000, "0.1"), currency="JPY")
        issue_one(account, "francs", line(1000, "0.081"), currency="CHF")

    assert [(each.net, each.tax) for each in papers(account_id)] == [(909, 91), (925, 75)]
    with tenant(account_id) as account:
        assert balances(account)["vat", "JPY"] == -91
        assert balances(account)["vat", "CHF"] == -75


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((line(-1),), "below zero"),
        ((line(2**63 - 1), line(1)), "more than an amount can hold"),
        ((line(2**63 - 1, incl_vat=False),), "more than an amount can hold"),
    ],
)
def test_a_total_that_cannot_be_claimed_is_refused_with_the_whole_batch(lines, reason):
    account_id = shop()

    with refused(account_id, Refused, "invalid_draft") as caught, tenant(account_id) as account:
        issue_all(account, draft(account, "good"), draft(account, "bad", *lines))
    assert str(caught.value).startswith("Invoice bad: ")
    assert reason in str(caught.value)


def test_a_draft_without_lines_is_refused():
    account_id = shop()

    with refused(account_id, Refused, "invalid_draft"), tenant(account_id) as account:
        issue_all(account, empty_draft(account, "empty"))


def test_no_drafts_take_no_number():
    account_id = shop()

    with nothing_changes(account_id), tenant(account_id) as account:
        assert issue(account=account, drafts=[], now=NOON) == []


def test_a_handle_is_claimed_once():
    account_id = shop()
    issue_into(account_id, "a")

    with nothing_changes(account_id), pytest.raises(IntegrityError, match="invoice_handle"):
        issue_into(account_id, "b", "a")


def test_the_caller_may_say_which_ids_the_claims_get():
    account_id = shop()
    ids = new_ids(2)

    with tenant(account_id) as account:
        issued = issue(
            account=account,
            drafts=[draft(account, "a"), draft(account, "b")],
            now=NOON,
            ids=ids,
        )

    assert [each.id for each in issued] == ids


def test_issuing_takes_the_same_number_of_queries_for_fifty_as_for_one():
    account_id = shop()

    def count(*handles):
        with tenant(account_id) as account:
            drafts = [draft(account, each) for each in handles]
            with CaptureQueriesContext(connection) as captured:
                issue_all(account, *drafts)
        return len(captured)

    count("first")
    assert count("one") == count(*(f"n{n}" for n in range(50))) <= 13


def test_a_document_names_the_parties_as_they_were_when_it_was_issued():
    account_id = shop()
    issue_into(account_id, "before")
    with tenant(account_id) as account:
        customer = by_handle(account, "one")
        moved = Details(company="Umgezogen GmbH", city="Köln", country="DE")
        change(account=account, customer_id=customer.id, details=moved, now=NOON)
        change_party(account=account, party=Party(name="Neu AG", country="AT"), actor="a", now=NOON)

    issue_into(account_id, "after")

    with tenant(account_id) as account:
        before, after = Document.objects.of(account).order_by("sequence")
        versions = CustomerVersion.objects.of(account)
        assert versions.get(id=before.customer_version_id).company == ""
        assert versions.get(id=after.customer_version_id).company == "Umgezogen GmbH"
        assert before.account_version_id != after.account_version_id == account.version_id


@pytest.mark.parametrize("table", ["invoicing_document", "invoicing_documentline"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET gross_minor = gross_minor", "DELETE FROM {}"])
def test_documents_and_lines_refuse_every_change_even_from_a_superuser(owner, table, statement):
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        owner.execute(statement.format(table))


@pytest.mark.parametrize(
    "change",
    [
        "handle = 'other'",
        "customer_id = gen_random_uuid()",
        "currency = 'USD'",
        "gross_minor = gross_minor + 1",
        "issued_on = issued_on - 1",
        "created_at = now()",
        "id = gen_random_uuid()",
    ],
)
def test_what_a_claim_says_refuses_every_change_even_from_a_superuser(owner, change):
    account_id = shop()
    issue_into(account_id, "a")

    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute(f"UPDATE invoicing_invoice SET {change} WHERE account_id = %s", [account_id])
    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("DELETE FROM invoicing_invoice WHERE account_id = %s", [account_id])


def test_the_database_refuses_a_document_that_does_not_add_up(owner):
    account_id = shop()
    issue_into(account_id, "a")
    columns = [str(each.column) for each in Document._meta.concrete_fields]
    changed = {"id": "gen_random_uuid()", "sequence": "2", "tax_minor": "tax_minor + 1"}
    copied = ", ".join(changed.get(each, each) for each in columns)

    with pytest.raises(psycopg.errors.CheckViolation, match="document_adds_up"):
        owner.execute(
            f"INSERT INTO invoicing_document ({', '.join(columns)}) "
            f"SELECT {copied} FROM invoicing_document WHERE account_id = %s",
            [account_id],
        )


def test_a_claim_on_a_customer_of_another_account_cannot_be_written():
    account_id, other = shop(), shop()
    with tenant(other) as account:
        foreign = draft(account, "a")

    with (
        nothing_changes(account_id),
        pytest.raises(IntegrityError, match="violates foreign key"),
        tenant(account_id) as account,
    ):
        issue_all(account, foreign)


def test_the_amount_of_the_fact_is_the_claims_and_its_currency():
    account_id = shop()
    with tenant(account_id) as account:
        issue_one(account, "yen", line(1000, "0.1"), currency="JPY")

    with tenant(account_id) as account:
        fact = OutboxEvent.objects.of(account).get(kind="invoice.issued")
        assert getattr(from_payload(fact.kind, fact.payload), "gross", None) == Money(1000, "JPY")
