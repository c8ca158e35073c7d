"""What keeps the tables in shape: partitions ahead, fresh statistics, signs of life."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, connections

from foundation import housekeeping, queries, statistics
from foundation.models import Lease
from foundation.tenancy import tenant
from kernel.ids import new_id
from tests.factories import NOON, make_account
from tests.foundation.furnished import wait_for

EVENT = (
    "INSERT INTO foundation_outboxevent VALUES "
    "(gen_random_uuid(), %s, gen_random_uuid(), 0, 'test.said', '{}', %s) "
    "RETURNING tableoid::regclass::text"
)


def partition_of(account_id, at):
    with tenant(account_id), connection.cursor() as cursor:
        cursor.execute(EVENT, [account_id, at])
        return cursor.fetchone()[0]


def test_the_months_to_come_have_partitions_over_the_turn_of_the_year():
    housekeeping.keep(now=datetime(2031, 11, 30, 23, 59, tzinfo=UTC))
    account_id = make_account()
    assert [
        partition_of(account_id, at)
        for at in (
            "2031-11-01T00:00Z",
            "2031-12-31T23:59:59.999999Z",
            "2032-01-01T00:00Z",
            "2032-02-29T12:00Z",
            "2032-03-01T00:00Z",
        )
    ] == [
        "foundation_outboxevent_2031_11",
        "foundation_outboxevent_2031_12",
        "foundation_outboxevent_2032_01",
        "foundation_outboxevent_2032_02",
        "foundation_outboxevent_rest",
    ]


def test_a_month_begins_at_midnight_utc_whatever_zone_a_session_is_in(owner):
    owner.execute("SET timezone = 'Pacific/Auckland'")
    owner.execute("SELECT kontor_outbox_partition('2033-05-17')")
    assert partition_of(make_account(), "2033-05-31T23:30Z") == "foundation_outboxevent_2033_05"
    assert partition_of(make_account(), "2033-06-01T00:00Z") == "foundation_outboxevent_rest"


def test_keeping_house_again_changes_nothing(owner):
    housekeeping.keep(now=NOON)
    before = partitions(owner)
    housekeeping.keep(now=NOON)
    assert partitions(owner) == before


def partitions(owner):
    return owner.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits "
        "WHERE inhparent = 'foundation_outboxevent'::regclass ORDER BY 1"
    ).fetchall()


def test_a_month_that_was_missed_stays_where_it_is_and_the_others_are_made():
    """After a long stand-still events come before the first sweep; they must not block it."""
    account_id = make_account()
    assert partition_of(account_id, "2034-01-15T12:00Z") == "foundation_outboxevent_rest"
    housekeeping.keep(now=datetime(2034, 1, 15, 12, tzinfo=UTC))
    assert partition_of(account_id, "2034-01-16T12:00Z") == "foundation_outboxevent_rest"
    assert partition_of(account_id, "2034-02-01T12:00Z") == "foundation_outboxevent_2034_02"


def test_a_new_partition_is_reached_through_its_parent_alone():
    housekeeping.keep(now=datetime(2035, 1, 1, tzinfo=UTC))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'))"
            " FROM pg_class AS c WHERE relispartition AND relkind = 'r'"
        )
        assert cursor.fetchone() == (False,)


def test_two_who_keep_house_at_once_do_not_disturb_each_other(owner):
    """Both have found that the month is missing before either can make it."""

    def work(_):
        try:
            housekeeping.keep(now=datetime(2036, 1, 1, tzinfo=UTC))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        with owner.transaction():
            owner.execute("LOCK TABLE foundation_outboxevent IN SHARE MODE")
            both = [threads.submit(work, n) for n in range(2)]
            wait_for(owner, 2)
        for each in both:
            each.result()
    assert partition_of(make_account(), "2036-01-05T00:00Z") == "foundation_outboxevent_2036_01"


@pytest.mark.parametrize("rows", [3000])
def test_a_table_that_filled_fast_gets_fresh_statistics(owner, rows):
    account_id = make_account()
    with tenant(account_id) as account:
        Lease.objects.of(account).bulk_create(
            Lease(id=new_id(), account_id=account_id, name=str(n), owner="me", expires_at=NOON)
            for n in range(rows)
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    connection.close()

    assert statistics.refresh() >= 1

    estimate = "SELECT reltuples FROM pg_class WHERE relname = 'foundation_lease'"
    assert owner.execute(estimate).fetchone()[0] >= rows


def test_statistics_are_not_refreshed_inside_a_transaction():
    with tenant(make_account()), pytest.raises(AssertionError):
        statistics.refresh()


def test_a_heartbeat_is_the_latest_sign_of_life():
    housekeeping.beat("worker", now=NOON)
    later = NOON.replace(hour=13)
    housekeeping.beat("worker", now=later)
    assert queries.heartbeats()["worker"] == later
