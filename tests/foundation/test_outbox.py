"""Facts and their hearers: said with the fact, heard exactly once, never lost, never in the way."""

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected

from foundation import due, faultpoint, jobs, outbox
from foundation.models import AuditRow, Dispatch, DueItem, Lease, OutboxEvent
from foundation.tenancy import WrongTenant, tenant
from kernel.clock import wall_now
from kernel.errors import NotFound, Refused
from kernel.events import DomainEvent
from kernel.ids import new_id
from tests.factories import NOON, make_account
from tests.foundation.furnished import broken_off


@dataclass(frozen=True, kw_only=True)
class Said(DomainEvent):
    kind: ClassVar[str] = "outbox_test.said"
    n: int


@dataclass(frozen=True, kw_only=True)
class Sung(DomainEvent):
    kind: ClassVar[str] = "outbox_test.sung"
    n: int


HEARD: list[tuple[str, list[int]]] = []
REFUSED: set[int] = set()


def listen(account, events):
    """Writes a row for each event, so that what was heard twice would be seen; refuses some."""
    HEARD.append(("listen", [each.n for each in events]))
    for each in events:
        assert jobs.take_lease(
            account=account, name=f"heard {each.n}", owner=str(new_id()), now=NOON, seconds=60
        ), "heard twice"
    if REFUSED & {each.n for each in events}:
        raise Refused("too_loud", "That was too loud.")


def hum(account, events):
    HEARD.append(("hum", [each.n for each in events]))
    if REFUSED & {each.n for each in events}:
        raise Refused("too_low", "That was too low.")


HERE = __name__
SUBSCRIBERS = {Said: [f"{HERE}.listen"], Sung: [f"{HERE}.listen", f"{HERE}.hum"]}


@pytest.fixture(autouse=True)
def hearers(monkeypatch):
    monkeypatch.setattr(settings, "SUBSCRIBERS", f"{HERE}.SUBSCRIBERS")
    outbox.hearings.cache_clear()
    HEARD.clear()
    REFUSED.clear()
    # Who waits for another worker's row should fail here, not hang.
    connection.cursor().execute("SET lock_timeout = '1s'")
    yield
    connection.cursor().execute("RESET lock_timeout")
    outbox.hearings.cache_clear()
    faultpoint.arm("")


@pytest.fixture
def account_id():
    return make_account()


def say(account_id, *events):
    with tenant(account_id):
        outbox.append(*events)


def dispatches(account_id) -> list[Dispatch]:
    with tenant(account_id) as account:
        return list(Dispatch.objects.of(account).order_by("id"))


def heard_rows(account_id) -> list[int]:
    with tenant(account_id) as account:
        names = Lease.objects.of(account).values_list("name", flat=True)
        return sorted(int(name.removeprefix("heard ")) for name in names)


def due_lines(account_id) -> int:
    return DueItem.objects.filter(account_id=account_id, kind=outbox.DUE_KIND).count()


def make_due(account_id):
    """The back-off is over."""
    with tenant(account_id) as account:
        Dispatch.objects.of(account).filter(state="pending").update(next_at=NOON)


# Said with the fact.


def test_facts_are_written_when_the_change_commits_and_in_the_order_they_were_said(account_id):
    with tenant(account_id):
        outbox.append(Said(n=1), Sung(n=2))
        outbox.append(Said(n=3))
    with tenant(account_id) as account:
        events = OutboxEvent.objects.of(account).order_by("position")
        assert [(each.kind, each.payload["n"]) for each in events] == [
            ("outbox_test.said", 1),
            ("outbox_test.sung", 2),
            ("outbox_test.said", 3),
        ]
        assert len({each.batch_id for each in events}) == 1


@pytest.mark.parametrize("fault", ["outbox.before_write:1:raise", ""])
def test_a_change_that_does_not_commit_says_nothing(account_id, fault):
    faultpoint.arm(fault)
    with suppress(faultpoint.InjectedFault), (tenant if fault else broken_off)(account_id):
        outbox.append(Said(n=1))
    with tenant(account_id) as account:
        assert not OutboxEvent.objects.of(account).exists()
        assert not Dispatch.objects.of(account).exists()
    assert due_lines(account_id) == 0


def test_outside_the_door_nothing_can_be_said():
    with pytest.raises(WrongTenant):
        outbox.append(Said(n=1))


def test_there_is_one_dispatch_for_each_hearer_and_transaction(account_id):
    say(account_id, *[Said(n=n) for n in range(50)], Sung(n=50))
    say(account_id, Said(n=51))

    assert [(each.handler, each.first, each.last) for each in dispatches(account_id)] == [
        (f"{HERE}.listen", 0, 50),
        (f"{HERE}.hum", 0, 50),
        (f"{HERE}.listen", 0, 0),
    ]
    assert due_lines(account_id) == 2


def test_the_nudge_goes_out_after_the_commit_and_never_for_a_rollback(account_id, monkeypatch):
    nudged = []

    def nudge(kind, account):
        assert not connection.in_atomic_block
        nudged.append((kind, account))

    monkeypatch.setattr(jobs, "nudge", nudge)
    with broken_off(account_id):
        outbox.append(Said(n=1))
    assert nudged == []
    say(account_id, Said(n=1))
    assert nudged == [("dispatch", account_id)]


# Heard exactly once.


def test_a_hearer_is_called_once_with_all_the_facts_of_its_kinds_in_order(account_id):
    say(account_id, Said(n=1), Sung(n=2), Said(n=3), Sung(n=4))

    assert outbox.drain(account_id, limit=10) == 2

    assert HEARD == [("listen", [1, 2, 3, 4]), ("hum", [2, 4])]
    assert {each.state for each in dispatches(account_id)} == {"done"}
    assert due_lines(account_id) == 0
    assert outbox.drain(account_id, limit=10) == 0
    assert len(HEARD) == 2


def test_a_hearer_that_dies_after_its_work_and_before_the_commit_hears_again(account_id):
    """Its rows go with the transaction, so what is heard again is written once."""
    say(account_id, Said(n=1))
    faultpoint.arm("outbox.before_done:1:raise")
    with pytest.raises(faultpoint.InjectedFault):
        outbox._run_next(account_id, [])

    assert heard_rows(account_id) == []
    assert [each.state for each in dispatches(account_id)] == ["pending"]
    assert due_lines(account_id) == 1
    assert outbox.drain(account_id, limit=10) == 1
    assert heard_rows(account_id) == [1]
    assert due_lines(account_id) == 0


def test_a_worker_that_dies_after_the_commit_leaves_the_due_line_and_nothing_happens_twice(
    account_id,
):
    say(account_id, Said(n=1))
    faultpoint.arm("outbox.after_commit:1:raise")
    with pytest.raises(faultpoint.InjectedFault):
        outbox._run_next(account_id, [])

    assert due_lines(account_id) == 1
    assert outbox.drain(account_id, limit=10) == 0
    assert heard_rows(account_id) == [1]
    assert due_lines(account_id) == 0


def test_a_dispatch_in_another_workers_hands_is_passed_over_and_its_due_line_stays(
    account_id, owner
):
    """That worker may die: the line is what brings somebody back."""
    say(account_id, Said(n=1))
    (held,) = dispatches(account_id)
    with owner.transaction(force_rollback=True):
        owner.execute("SELECT FROM foundation_dispatch WHERE id = %s FOR UPDATE", [held.id])
        assert outbox.drain(account_id, limit=10) == 0
    assert HEARD == []
    assert due_lines(account_id) == 1
    assert outbox.drain(account_id, limit=10) == 1


def test_a_fact_said_while_the_hearers_work_keeps_its_own_due_line(account_id, monkeypatch):
    say(account_id, Said(n=1))

    def interrupt(number, *, limit):
        done = run(number, limit=limit)
        say(account_id, Said(n=2))
        return done

    run = outbox.run
    monkeypatch.setattr(outbox, "run", interrupt)
    outbox.drain(account_id, limit=10)
    assert due_lines(account_id) == 1


def test_a_limit_leaves_the_rest_and_its_due_lines(account_id):
    for n in range(3):
        say(account_id, Said(n=n))
    assert outbox.drain(account_id, limit=2) == 2
    assert due_lines(account_id) == 3
    assert outbox.drain(str(account_id), limit=2) == 1
    assert due_lines(account_id) == 0


def test_hearers_of_one_account_hear_nothing_of_another(account_id):
    say(account_id, Said(n=1))
    assert outbox.drain(make_account(), limit=10) == 0
    assert HEARD == []


# What fails.


def test_one_bad_fact_among_many_is_halved_out_and_all_others_are_heard_exactly_once(account_id):
    REFUSED.add(37)
    say(account_id, *[Said(n=n) for n in range(64)])

    outbox.drain(account_id, limit=100)

    assert heard_rows(account_id) == [n for n in range(64) if n != 37]
    (bad,) = [each for each in dispatches(account_id) if each.state == "pending"]
    assert (bad.first, bad.last, bad.failures) == (37, 37, 1)
    assert bad.reason == "That was too loud."


def test_halving_calls_no_hearer_with_nothing(account_id):
    REFUSED.add(1)
    say(account_id, Sung(n=1), *[Said(n=n) for n in range(2, 5)])

    outbox.drain(account_id, limit=100)

    hummed = [numbers for who, numbers in HEARD if who == "hum"]
    assert hummed == [[1], [1], [1]]
    states = [each.state for each in dispatches(account_id) if each.handler.endswith("hum")]
    assert sorted(states) == ["done", "done", "pending"]


def test_what_fails_alone_is_tried_again_after_a_doubling_wait_and_then_parked(account_id):
    REFUSED.add(1)
    say(account_id, Said(n=1))
    waits = []
    for _ in range(outbox.ATTEMPTS_MAX):
        before = wall_now()
        outbox.drain(account_id, limit=10)
        (bad,) = dispatches(account_id)
        waits.append((bad.state, round((bad.next_at - before).total_seconds())))
        make_due(account_id)

    assert waits[:4] == [("pending", 10), ("pending", 20), ("pending", 40), ("pending", 80)]
    assert waits[4][0] == "parked"
    assert len(HEARD) == 5
    assert outbox.drain(account_id, limit=10) == 0


def test_while_it_waits_it_holds_up_nobody_and_its_due_line_names_the_end_of_the_wait(account_id):
    REFUSED.add(1)
    say(account_id, Said(n=1))
    outbox.drain(account_id, limit=10)
    say(account_id, Said(n=2))
    outbox.drain(account_id, limit=10)

    assert heard_rows(account_id) == [2]
    (waiting,) = [each for each in dispatches(account_id) if each.state == "pending"]
    assert due.next_at(account_id, [outbox.DUE_KIND]) == waiting.next_at


def test_what_a_person_releases_is_heard_then_exactly_once_and_written_down(account_id):
    REFUSED.add(1)
    say(account_id, Said(n=1))
    for _ in range(outbox.ATTEMPTS_MAX):
        outbox.drain(account_id, limit=10)
        make_due(account_id)
    (parked,) = dispatches(account_id)
    REFUSED.clear()

    with tenant(account_id) as account:
        outbox.release(account=account, dispatch_id=parked.id, by="anna", now=wall_now())
    assert outbox.drain(account_id, limit=10) == 1

    assert heard_rows(account_id) == [1]
    with tenant(account_id) as account:
        row = AuditRow.objects.of(account).get(act="dispatch.released")
        assert (row.actor, row.subject_id) == ("anna", parked.batch_id)
        with pytest.raises(NotFound):
            outbox.release(account=account, dispatch_id=parked.id, by="anna", now=wall_now())


def test_a_fact_that_nobody_can_read_any_more_is_parked_and_not_passed_over(account_id, owner):
    say(account_id, Said(n=1))
    owner.execute("SET session_replication_role = replica")
    owner.execute(
        "UPDATE foundation_outboxevent SET payload = '{}' WHERE account_id = %s", [account_id]
    )
    for _ in range(outbox.ATTEMPTS_MAX):
        outbox.drain(account_id, limit=10)
        make_due(account_id)
    (bad,) = dispatches(account_id)
    assert bad.state == "parked"
    assert "cannot be read" in bad.reason


def test_a_retry_that_takes_another_dispatch_sets_that_one_back(account_id, owner, monkeypatch):
    """A conflict gives the first one free, and another worker may take it before the retry."""
    say(account_id, Said(n=1))
    say(account_id, Said(n=2))
    first, _ = dispatches(account_id)
    REFUSED.add(2)
    faultpoint.arm("outbox.before_done:1:raise")
    conflict = OperationalError("a deadlock")
    conflict.__cause__ = DeadlockDetected()
    monkeypatch.setattr(faultpoint, "InjectedFault", lambda _: conflict)

    def somebody_else_takes_the_first(_seconds):
        owner.execute("BEGIN")
        owner.execute("SELECT FROM foundation_dispatch WHERE id = %s FOR UPDATE", [first.id])

    monkeypatch.setattr(time, "sleep", somebody_else_takes_the_first)
    outbox.run(account_id, limit=1)
    owner.execute("ROLLBACK")

    assert HEARD == [("listen", [1]), ("listen", [2])]
    assert [each.failures for each in dispatches(account_id)] == [0, 1]


def test_an_account_that_does_not_exist_has_nothing_to_drain():
    with pytest.raises((NotFound, AssertionError)):
        outbox.drain(new_id(), limit=1)
