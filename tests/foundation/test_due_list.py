"""The due list: nothing due is forgotten, nothing is woken twice a minute, nothing is shown."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections

from foundation import due, tasks
from foundation.models import DueItem
from foundation.tenancy import WrongTenant, tenant
from tests.factories import NOON, make_account
from tests.foundation.furnished import broken_off

MINUTE = timedelta(minutes=1)


@pytest.fixture
def account_id():
    return make_account()


@pytest.fixture(autouse=True)
def empty_list():
    DueItem.objects.all().delete()


def note(account_id, *notes, **rest):
    with tenant(account_id):
        for kind, at in notes:
            due.note(kind, at, **rest)


def wake(now=NOON, limit=100):
    return sorted((each.account_id, each.kind) for each in due.wake(now=now, limit=limit))


def test_of_several_notes_of_a_kind_in_a_transaction_the_earliest_is_kept(account_id):
    note(account_id, ("a", NOON + MINUTE), ("a", NOON), ("b", NOON), ("a", NOON + 2 * MINUTE))
    assert sorted(DueItem.objects.values_list("kind", "due_at")) == [("a", NOON), ("b", NOON)]


def test_a_note_of_a_change_that_does_not_commit_is_not_kept(account_id):
    with broken_off(account_id):
        due.note("a", NOON)
    assert not DueItem.objects.exists()


def test_outside_the_door_nothing_can_be_noted():
    with pytest.raises(WrongTenant):
        due.note("a", NOON)


def test_what_is_due_is_woken_and_what_is_not_due_yet_is_left(account_id):
    note(account_id, ("now", NOON), ("later", NOON + MINUTE))
    assert wake() == [(account_id, "now")]


def test_a_line_is_woken_at_most_once_a_minute_and_again_as_long_as_it_stands(account_id):
    note(account_id, ("a", NOON))
    moments = (0, 1, 59, 61, 100, 122)
    woken = [len(wake(NOON + timedelta(seconds=second))) for second in moments]
    assert woken == [1, 0, 0, 1, 0, 1]


def test_several_lines_of_an_account_and_kind_wake_it_once(account_id):
    for _ in range(3):
        note(account_id, ("a", NOON))
    assert wake() == [(account_id, "a")]


def test_sweepers_at_once_wake_each_line_once():
    accounts = [make_account() for _ in range(20)]
    for account_id in accounts:
        note(account_id, ("a", NOON))

    def sweep(_):
        try:
            return wake(limit=7)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        woken = [each for part in threads.map(sweep, range(6)) for each in part]
    woken += wake()
    assert sorted(woken) == sorted((account_id, "a") for account_id in accounts)


def test_the_limit_takes_the_longest_waiting_first(account_id):
    note(account_id, ("new", NOON))
    note(account_id, ("old", NOON - MINUTE))
    assert wake(limit=1) == [(account_id, "old")]


def test_an_account_on_its_own_clock_is_not_woken_for_what_its_clock_decides():
    simulated, real = make_account(), make_account(clock_at=None)
    for account_id in (simulated, real):
        note(account_id, ("renewal", NOON), business=True)
        note(account_id, ("dispatch", NOON))
    assert wake() == sorted([(simulated, "dispatch"), (real, "dispatch"), (real, "renewal")])


def test_only_the_lines_that_were_seen_are_cleared(account_id):
    note(account_id, ("a", NOON), ("b", NOON))
    seen = due.lines(account_id, "a", NOON)
    note(account_id, ("a", NOON))
    due.clear(account_id, seen)
    assert sorted(DueItem.objects.values_list("kind", flat=True)) == ["a", "b"]


def test_lines_of_another_account_or_of_later_are_not_seen_and_not_cleared(account_id):
    other = make_account()
    note(other, ("a", NOON))
    note(account_id, ("a", NOON + MINUTE))
    assert due.lines(account_id, "a", NOON) == []
    due.clear(account_id, due.lines(other, "a", NOON))
    assert DueItem.objects.filter(account_id=other).exists()


def test_the_next_instant_is_the_earliest_of_the_kinds_asked_for(account_id):
    note(account_id, ("a", NOON + MINUTE), ("b", NOON), ("c", NOON - MINUTE))
    assert due.next_at(account_id, ["a", "b"]) == NOON
    assert due.next_at(account_id, ["d"]) is None


def test_two_transactions_of_one_account_note_without_waiting_for_each_other(account_id, owner):
    owner.execute("SET lock_timeout = '1s'")
    with tenant(account_id):
        due.note("a", NOON)
        note_of_another = [account_id, "a", NOON]
        owner.execute(
            "INSERT INTO foundation_dueitem (account_id, kind, due_at, own_clock) "
            "VALUES (%s, %s, %s, false)",
            note_of_another,
        )
    assert DueItem.objects.count() == 2


def test_the_list_holds_nothing_but_account_kind_and_instants():
    """It stands outside the walls, so nothing of an account's content may be in it."""
    names = {each.name for each in DueItem._meta.get_fields()}
    assert names == {"id", "account_id", "kind", "due_at", "own_clock", "woken_at"}


def test_the_sweep_sends_each_due_kind_to_its_task(account_id, monkeypatch):
    sent = []

    class Broker:
        def send_task(self, name, *, args):
            sent.append((name, args))

    monkeypatch.setattr(tasks, "current_app", Broker())
    note(account_id, ("dispatch", NOON), ("attempt", NOON))
    tasks.sweep()
    assert sorted(sent) == [
        (settings.DUE_TASKS["dispatch"], [str(account_id)]),
        (settings.DUE_TASKS["attempt"], [str(account_id)]),
    ]
