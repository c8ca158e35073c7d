"""The door: one account, one transaction, and nothing left behind it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import DataError, IntegrityError, connection, connections, transaction

from customers.models import Customer
from foundation import jobs
from foundation.tenancy import WrongTenant, current_scope, tenant
from kernel.errors import NotFound
from ledger.models import JournalEntry
from tests.factories import NOON, make_account, make_customers
from tests.foundation.furnished import broken_off


@pytest.fixture
def account_id():
    return make_account()


def account_of_the_connection() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.account', true), pg_backend_pid()")
        return cursor.fetchone()[0] or ""


def test_inside_the_door_the_account_is_known_to_postgresql_for_this_transaction(account_id):
    with tenant(account_id):
        assert account_of_the_connection() == str(account_id)
    assert account_of_the_connection() == ""


def test_nothing_is_left_on_the_connection_when_the_work_fails(account_id):
    with pytest.raises(ZeroDivisionError), tenant(account_id):
        raise ZeroDivisionError
    assert account_of_the_connection() == ""
    with pytest.raises(WrongTenant):
        current_scope()


def test_nothing_is_left_on_the_connection_when_the_database_refuses_the_commit(account_id):
    with pytest.raises(IntegrityError), tenant(account_id) as account:
        Customer.objects.of(account).create(
            account_id=account_id, handle="x", version_id=uuid4(), created_at=account.created_at
        )
    assert account_of_the_connection() == ""
    with tenant(account_id) as account:
        assert not Customer.objects.of(account).exists()


def test_a_second_account_is_refused_inside_the_first(account_id):
    other = make_account()
    with tenant(account_id) as account:
        with pytest.raises(WrongTenant, match=str(account_id)), tenant(other):
            pass
        assert current_scope().account_id == account_id
        make_customers(account, "still-works")


def test_the_same_account_joins_the_transaction_that_is_open(account_id):
    with broken_off(account_id) as account:
        with tenant(str(account_id)) as same:
            make_customers(same, "inner")
        assert Customer.objects.of(account).filter(handle="inner").exists()
    with tenant(account_id) as account:
        assert not Customer.objects.of(account).exists()


def test_the_door_opens_the_transaction_itself_and_joins_nobody_elses(account_id):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), tenant(account_id):
        pass


NOBODY = UUID("0197f3a0-0000-7000-8000-000000000001")


@pytest.mark.parametrize("unknown", [NOBODY, str(NOBODY), "", "no-id", "a\x00b"])
def test_an_unknown_account_has_no_door(unknown):
    with pytest.raises(NotFound), tenant(unknown):
        pass
    assert account_of_the_connection() == ""


@pytest.mark.parametrize(
    "way_in",
    [
        lambda objects: objects.all(),
        lambda objects: objects.filter(handle="x"),
        lambda objects: objects.exclude(handle="x"),
        lambda objects: objects.get(handle="x"),
        lambda objects: objects.first(),
        lambda objects: objects.count(),
        lambda objects: objects.create(handle="x"),
        lambda objects: objects.bulk_create([]),
        lambda objects: objects.using("default"),
        lambda objects: objects.raw("SELECT 1"),
        lambda objects: objects.none(),
    ],
)
def test_there_is_no_way_in_but_of(account_id, way_in):
    with tenant(account_id), pytest.raises(WrongTenant, match="only way in"):
        way_in(Customer.objects)


def test_of_refuses_outside_every_door_and_for_another_account(account_id):
    with tenant(make_account()) as stranger:
        pass
    with pytest.raises(WrongTenant, match="no account"):
        JournalEntry.objects.of(stranger)
    with tenant(account_id), pytest.raises(WrongTenant, match=str(account_id)):
        JournalEntry.objects.of(stranger)


def test_an_error_that_somebody_swallowed_is_told_and_not_answered_by_a_silent_rollback(account_id):
    """PostgreSQL answers COMMIT after a failed statement with ROLLBACK and no error."""

    def swallow():
        with tenant(account_id) as account:
            jobs.take_lease(account=account, name="lost", owner="me", now=NOON, seconds=1)
            with suppress(DataError):
                connection.cursor().execute("SELECT 1 / 0")

    with pytest.raises(RuntimeError, match="swallowed"):
        swallow()


def test_the_doors_of_two_threads_are_apart():
    """Both stand in their doors at the same time and see their own."""
    both_inside = Barrier(2, timeout=5)

    def visit(account_id, handle):
        try:
            with tenant(account_id) as account:
                make_customers(account, handle)
                both_inside.wait()
                assert current_scope().account_id == account_id
                return [each.handle for each in Customer.objects.of(account)]
        finally:
            connections.close_all()

    first, second = make_account(), make_account()
    with ThreadPoolExecutor(2) as threads:
        seen = [threads.submit(visit, first, "one"), threads.submit(visit, second, "two")]
        assert [each.result() for each in seen] == [["one"], ["two"]]
    with pytest.raises(WrongTenant):
        current_scope()
