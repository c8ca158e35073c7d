"""Many rows in one statement: under the policy, with every default, and again at once."""

import json
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)

from foundation import bulk, outbox
from foundation.models import Dispatch, Lease, NumberCounter, OutboxEvent
from foundation.tenancy import WrongTenant, tenant
from kernel.ids import new_id, new_ids
from ledger.domain.chart import LedgerAccount
from tests.factories import NOON, make_account
from tests.foundation.furnished import broken_off, tenant_models

LEASE = ("id", "name", "owner", "expires_at")


@pytest.fixture
def account_id():
    return make_account()


def leases(*names: str):
    return [(new_id(), name, "me", NOON) for name in names]


def kept(account_id: UUID) -> set[str]:
    with tenant(account_id) as account:
        return set(Lease.objects.of(account).values_list("name", flat=True))


def test_rows_are_written_as_they_are_given(account_id):
    at = datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)
    odd = "tab\t line\n return\r slash\\N quote\"' ümläut 🧾 \\."
    with tenant(account_id) as account:
        bulk.insert(Lease, LEASE, [(new_id(), "odd", odd, at)])
        (row,) = Lease.objects.of(account)
    assert (row.name, row.owner, row.expires_at) == ("odd", odd, at)


def test_json_comes_back_whole(account_id):
    payload = {"text": 'a "quoted" \\ line\nand a tab\t', "n": 2**53, "none": None}
    columns = ("id", "batch_id", "position", "kind", "payload")
    with tenant(account_id) as account:
        row = (new_id(), new_id(), 0, "test.said", json.dumps(payload))
        bulk.insert(OutboxEvent, columns, [row], same={"created_at": NOON})
        assert OutboxEvent.objects.of(account).get().payload == payload


def test_columns_left_out_get_what_the_database_gives(account_id):
    columns = ("entry_id", "ledger_account", "currency", "amount_minor")
    entry_id = new_id()
    with tenant(account_id), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_journalentry (id, account_id, reason, subject_id, booked_on, "
            "created_at) VALUES (%s, %s, 'issued', %s, '2026-01-31', now())",
            [entry_id, account_id, new_id()],
        )
        rows = [(entry_id, LedgerAccount.BANK, "EUR", each) for each in (1, -1)]
        bulk.insert(tenant_models()["ledger_journalposting"], columns, rows)
        cursor.execute("SELECT id FROM ledger_journalposting WHERE entry_id = %s", [entry_id])
        ids = [row[0] for row in cursor.fetchall()]
    assert len(set(ids)) == 2


def test_a_statement_trigger_sees_all_rows_at_once(account_id, owner):
    owner.execute(
        """
        CREATE TABLE seen_at_once (n bigint);
        GRANT INSERT ON seen_at_once TO PUBLIC;
        CREATE FUNCTION count_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO seen_at_once SELECT count(*) FROM fresh;
            RETURN NULL;
        END $$;
        CREATE TRIGGER count_at_once AFTER INSERT ON foundation_lease
            REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION count_at_once();
        """
    )
    try:
        with tenant(account_id):
            bulk.insert(Lease, LEASE, leases(*map(str, range(250))))
        assert owner.execute("SELECT n FROM seen_at_once").fetchall() == [(250,)]
    finally:
        owner.execute("DROP FUNCTION count_at_once CASCADE; DROP TABLE seen_at_once")


def test_it_works_twice_in_one_transaction_and_again_in_the_next(account_id):
    with tenant(account_id):
        bulk.insert(Lease, LEASE, leases("a", "b"))
        bulk.insert(Lease, LEASE, leases("c"))
    with tenant(account_id):
        bulk.insert(Lease, LEASE, leases("d"))
    assert kept(account_id) == {"a", "b", "c", "d"}


def test_it_works_after_a_transaction_that_was_rolled_back(account_id):
    connection.close()
    with broken_off(account_id):
        bulk.insert(Lease, LEASE, leases("lost"))
    with tenant(account_id):
        bulk.insert(Lease, LEASE, leases("kept"))
    assert kept(account_id) == {"kept"}


def test_inside_a_savepoint_it_is_refused(account_id):
    """Rolled back alone, a savepoint would take the stage away under a transaction that goes on."""
    rows = leases("lost")
    with tenant(account_id), transaction.atomic(), pytest.raises(AssertionError, match="savepoint"):
        bulk.insert(Lease, LEASE, rows)


def test_two_accounts_after_each_other_on_one_connection_do_not_mix():
    first, second = make_account(), make_account()
    for account_id in (first, second):
        with tenant(account_id):
            bulk.insert(Lease, LEASE, leases("mine"))
    assert kept(first) == kept(second) == {"mine"}


def test_the_account_is_the_transactions_own_and_cannot_be_named(account_id):
    other = make_account()
    rows = [(other, *row) for row in leases("theirs")]
    with pytest.raises(ProgrammingError, match="account_id"), tenant(account_id):
        bulk.insert(Lease, ("account_id", *LEASE), rows)
    assert kept(account_id) == kept(other) == set()


def test_what_all_rows_have_in_common_is_given_once(account_id):
    at = datetime(2026, 2, 28, 12, tzinfo=UTC)
    with tenant(account_id) as account:
        rows = [(new_id(), name) for name in "ab"]
        bulk.insert(Lease, ("id", "name"), rows, same={"owner": "it's \\N", "expires_at": at})
        found = Lease.objects.of(account).values_list("owner", "expires_at")
        assert list(found) == [("it's \\N", at)] * 2


def test_outside_the_door_nothing_is_written(account_id):
    with pytest.raises(WrongTenant):
        bulk.insert(Lease, LEASE, leases("x"))


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (("nul", "a\x00b"), DataError),
        (("half a pair", "\ud83d"), (DataError, UnicodeEncodeError)),
        (("n" * 61, "over-long"), DataError),
    ],
)
def test_what_postgresql_cannot_hold_is_refused_and_the_connection_goes_on(account_id, row, error):
    with pytest.raises(error), tenant(account_id):
        bulk.insert(Lease, LEASE, [(new_id(), *row, NOON)])
    with tenant(account_id):
        bulk.insert(Lease, LEASE, leases("after"))
    assert kept(account_id) == {"after"}


def test_a_number_beyond_bigint_is_refused(account_id):
    columns = ("id", "series", "year", "next_number", "last_on")
    row = (new_id(), "INV", 2026, 2**63, NOON.date())
    with pytest.raises(DataError, match="out of range"), tenant(account_id):
        bulk.insert(NumberCounter, columns, [row])


def test_the_same_row_twice_is_refused_by_its_unique_key(account_id):
    with pytest.raises(IntegrityError, match="lease_once"), tenant(account_id):
        bulk.insert(Lease, LEASE, leases("a", "a"))


def test_no_rows_are_no_work(account_id):
    with tenant(account_id) as account:
        bulk.insert(Lease, LEASE, [])
        assert not Dispatch.objects.of(account).exists()
        assert outbox.pending_count(account) == 0


def test_a_connection_lost_while_copying_is_a_lost_database_and_no_fault_of_the_rows(
    account_id, owner, monkeypatch
):
    """Work that meets it is swept up again; nothing may be parked for it."""

    def write_and_die(self, data):
        backend = connection.connection.info.backend_pid
        owner.execute("SELECT pg_terminate_backend(%s)", [backend])
        return write(self, data)

    write = psycopg.Copy.write
    monkeypatch.setattr(psycopg.Copy, "write", write_and_die)
    with pytest.raises((OperationalError, InterfaceError)), tenant(account_id):
        bulk.insert(Lease, LEASE, leases("a"))
    connection.close()
    assert kept(account_id) == set()


def test_a_thousand_rows_cost_two_statements_and_a_copy(account_id, django_assert_max_num_queries):
    with tenant(account_id), django_assert_max_num_queries(3):
        ids = new_ids(1000)
        bulk.insert(Lease, LEASE, [(id_, id_.hex, "me", NOON) for id_ in ids])
