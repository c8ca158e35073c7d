"""Failing work: conflicts tried again, lost databases raised, culprits found and set aside."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, connections, transaction
from kombu.exceptions import OperationalError as BrokerDown

from foundation import jobs, queries
from foundation.models import Lease, Parked
from foundation.tenancy import tenant
from kernel.errors import NotFound, Refused
from kernel.ids import new_ids
from tests.factories import NOON, make_account

LATER = NOON + timedelta(seconds=61)


@pytest.fixture
def account_id():
    return make_account()


@pytest.fixture
def scratch(owner):
    """Two rows to fight over."""
    owner.execute(
        "CREATE TABLE scratch (id int PRIMARY KEY, n int NOT NULL);"
        "INSERT INTO scratch VALUES (1, 0), (2, 0); GRANT ALL ON scratch TO PUBLIC"
    )
    yield owner
    owner.execute("DROP TABLE scratch")


def raise_(error):
    raise error


def at_once(*works):
    def run(work):
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as threads:
        return [each.result() for each in [threads.submit(run, work) for work in works]]


# Tried again, raised, or a failure.


def test_what_succeeds_gives_its_answer():
    assert jobs.attempt(lambda: 42) == 42


def test_a_deadlock_is_tried_again_and_both_succeed(scratch):
    both_hold_one = Barrier(2, timeout=5)
    tries = []

    def work(first, second):
        def take_both():
            with transaction.atomic(), connection.cursor() as cursor:
                tries.append(first)
                cursor.execute("UPDATE scratch SET n = n + 1 WHERE id = %s", [first])
                if len(tries) <= 2:
                    both_hold_one.wait()
                cursor.execute("UPDATE scratch SET n = n + 1 WHERE id = %s", [second])
            return "done"

        return lambda: jobs.attempt(take_both)

    assert at_once(work(1, 2), work(2, 1)) == ["done", "done"]
    assert len(tries) == 3
    assert scratch.execute("SELECT id, n FROM scratch ORDER BY id").fetchall() == [(1, 2), (2, 2)]


def test_a_serialization_failure_is_tried_again_and_no_change_is_lost(scratch):
    both_have_read = Barrier(2, timeout=5)
    tries = []

    def add_one():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            cursor.execute("SELECT n FROM scratch WHERE id = 1")
            (n,) = cursor.fetchone()
            tries.append(n)
            if len(tries) <= 2:
                both_have_read.wait()
            cursor.execute("UPDATE scratch SET n = %s WHERE id = 1", [n + 1])

    at_once(lambda: jobs.attempt(add_one), lambda: jobs.attempt(add_one))

    assert len(tries) == 3
    assert scratch.execute("SELECT n FROM scratch WHERE id = 1").fetchone() == (2,)


def test_a_conflict_that_does_not_pass_is_raised_after_five_tries(scratch, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: None)
    tries = []

    def locked():
        tries.append(1)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM scratch WHERE id = 1 FOR UPDATE NOWAIT")

    with scratch.transaction(force_rollback=True):
        scratch.execute("SELECT FROM scratch WHERE id = 1 FOR UPDATE")
        with pytest.raises(OperationalError):
            jobs.attempt(locked)
    assert len(tries) == 5


def test_a_lost_connection_is_raised_and_never_blamed_on_the_work(owner):
    tries = []

    def cut_off():
        tries.append(1)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            owner.execute("SELECT pg_terminate_backend(%s)", [cursor.fetchone()[0]])
            cursor.execute("SELECT 1")

    with pytest.raises((OperationalError, InterfaceError)):
        jobs.attempt(cut_off)
    connection.close()
    assert len(tries) == 1


def test_a_refusal_and_a_defect_become_failures_with_a_code_and_a_sentence():
    refused = jobs.attempt(lambda: raise_(Refused("card_expired", "The card has expired.")))
    assert refused == jobs.Failure("card_expired", "The card has expired.")
    broken = jobs.attempt(lambda: raise_(KeyError("price")))
    assert broken == jobs.Failure("KeyError", "'price'")
    assert len(jobs.attempt(lambda: raise_(ValueError("x" * 5000))).sentence) == 1000


def test_who_is_told_to_stop_stops():
    with pytest.raises(KeyboardInterrupt):
        jobs.attempt(lambda: raise_(KeyboardInterrupt()))


# Halved.


@pytest.mark.parametrize("culprits", [(3, 71), (0, 99), (50, 51), ()])
def test_two_culprits_among_a_hundred_are_found_and_all_others_are_done_once(culprits):
    ids = new_ids(100)
    guilty = {ids[n] for n in culprits}
    done, found, calls = [], [], []

    def work(subjects):
        calls.append(len(subjects))
        if guilty & set(subjects):
            raise Refused("bad", "Bad.")
        done.extend(subjects)
        return len(subjects)

    answers = jobs.halve(ids, work, lambda subject, failure: found.append((subject, failure.code)))

    assert found == [(ids[n], "bad") for n in culprits]
    assert done == [each for each in ids if each not in guilty]
    assert sum(answers) == 100 - len(culprits)
    assert len(calls) <= 1 + 2 * 7 * len(culprits)


def test_nothing_to_do_is_not_tried():
    assert jobs.halve([], lambda _: raise_(ValueError()), lambda *_: None) == []


def test_a_lost_database_ends_the_halving_and_blames_nobody():
    def blame(subject, failure):
        pytest.fail(f"{subject} was blamed for a lost database")

    with pytest.raises(OperationalError):
        jobs.halve(new_ids(4), lambda _: raise_(OperationalError("gone")), blame)


# Parked.


def park(account_id, subject_id, sentence="It is bad."):
    with tenant(account_id) as account:
        failure = jobs.Failure("bad", sentence)
        jobs.park(account=account, kind="x", subject_id=subject_id, failure=failure, now=NOON)


def parked(account_id):
    with tenant(account_id) as account:
        return queries.parked(account)


def test_what_is_parked_waits_with_its_reason_and_parking_twice_changes_nothing(account_id):
    (subject_id,) = new_ids(1)
    park(account_id, subject_id)
    park(account_id, subject_id, "Something else.")
    (row,) = parked(account_id)
    assert (row.subject_id, row.code, row.sentence) == (subject_id, "bad", "It is bad.")


def test_what_is_released_is_parked_no_more_keeps_its_history_and_can_be_parked_again(account_id):
    (subject_id,) = new_ids(1)
    park(account_id, subject_id)
    with tenant(account_id) as account:
        jobs.release(account=account, kind="x", subject_id=subject_id, by="anna", now=LATER)
    assert parked(account_id) == []
    park(account_id, subject_id, "Again.")
    assert [each.sentence for each in parked(account_id)] == ["Again."]
    with tenant(account_id) as account:
        released = Parked.objects.of(account).get(released_by="anna")
        assert (released.sentence, released.released_at) == ("It is bad.", LATER)


def test_what_is_not_parked_or_is_another_accounts_cannot_be_released(account_id):
    (subject_id,) = new_ids(1)
    park(make_account(), subject_id)
    with tenant(account_id) as account, pytest.raises(NotFound):
        jobs.release(account=account, kind="x", subject_id=subject_id, by="anna", now=NOON)


def test_two_workers_park_the_same_at_once_and_it_is_parked_once(account_id):
    (subject_id,) = new_ids(1)
    at_once(*[lambda: park(account_id, subject_id)] * 4)
    assert len(parked(account_id)) == 1


# Leases.


def take(account_id, owner, now=NOON):
    with tenant(account_id) as account:
        return jobs.take_lease(account=account, name="clock", owner=owner, now=now, seconds=60)


def test_a_lease_is_held_by_one_until_it_ends_is_given_back_or_prolonged(account_id):
    assert take(account_id, "anna")
    assert not take(account_id, "ben")
    assert take(account_id, "anna", NOON + timedelta(seconds=30))
    assert not take(account_id, "ben", LATER)
    assert take(account_id, "ben", NOON + timedelta(seconds=90))
    assert not take(account_id, "anna", NOON + timedelta(seconds=91))


def test_only_its_holder_gives_a_lease_back(account_id):
    take(account_id, "anna")
    with tenant(account_id) as account:
        jobs.drop_lease(account=account, name="clock", owner="ben")
    assert not take(account_id, "ben")
    with tenant(account_id) as account:
        jobs.drop_lease(account=account, name="clock", owner="anna")
    assert take(account_id, "ben")


def test_leases_of_two_accounts_are_apart(account_id):
    assert take(account_id, "anna")
    assert take(make_account(), "ben")


def test_of_six_who_reach_for_a_lease_at_once_one_gets_it(account_id):
    got = at_once(*[lambda owner=owner: take(account_id, owner) for owner in "abcdef"])
    assert sorted(got) == [False] * 5 + [True]
    with tenant(account_id) as account:
        assert Lease.objects.of(account).count() == 1


# Nudges.


@pytest.mark.parametrize("error", [BrokerDown("gone"), ConnectionRefusedError()])
def test_a_nudge_that_is_lost_stops_nobody(account_id, monkeypatch, error):
    asked = []

    class Broker:
        def send_task(self, name, **_):
            asked.append(name)
            raise error

    monkeypatch.setattr(settings, "NUDGE", True)
    monkeypatch.setattr(jobs, "current_app", Broker())
    jobs.nudge("dispatch", account_id)
    assert asked == ["foundation.tasks.run_dispatches"]
