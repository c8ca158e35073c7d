"""Work off, in this process, all that is due in one account at its present time.

The very same doors that workers use, one after the other: any number may do so at once.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from foundation import due, jobs, outbox
from foundation.tenancy import tenant
from kernel.clock import wall_now
from operations.errors import StillBusy
from payments import queries as payments
from payments.commands import collect
from payments.commands.claim_attempts import LOOK_UP_KIND
from payments.commands.collect import Patience
from payments.commands.request_attempts import DUE_KIND as ATTEMPTS
from subscriptions import queries as subscriptions
from subscriptions.commands import drive
from subscriptions.domain.lifecycle import RunState

BILL_BATCHES = 4
DISPATCHES = 100
COLLECT_BATCHES = 10
LOOK_UPS = 200
IDLE_MAX = timedelta(seconds=300)
"""Longer than a lease or a pause between two tries of a dispatch can hold work up."""
REST_MIN_SECONDS, REST_MAX_SECONDS = 0.02, 0.5


class Standing(StrEnum):
    """How the account's work stands when nothing more can be done here."""

    DONE = "done"
    PAUSED = "paused"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one round through the doors did."""

    run_id: UUID | None
    billed: int
    ended: int
    parked: int
    dispatched: int
    sent: int
    looked_up: int

    @property
    def did_something(self) -> bool:
        """Whether the next round may find more."""
        return bool(
            self.billed
            or self.ended
            or self.parked
            or self.dispatched
            or self.sent
            or self.looked_up
        )


Listener = Callable[[Turn], None]


def work_off(
    account_id: UUID,
    *,
    patience: Patience | None = None,
    on_turn: Listener | None = None,
    idle_max: timedelta = IDLE_MAX,
) -> Standing:
    """Bill, dispatch, collect, look up and close until nothing is left to do.

    `on_turn` hears of each round. What others hold is waited for, up to `idle_max` without any
    progress: then the account is busy. Payments of unknown outcome that are not yet to be asked
    for hold nothing up.
    """
    idle_since, rest = time.monotonic(), REST_MIN_SECONDS
    while True:
        with jobs.without_nudges():
            turn = _round(account_id, patience)
        if on_turn:
            on_turn(turn)
        standing = _standing(account_id)
        if standing is not Standing.BUSY:
            return standing
        if turn.did_something:
            idle_since, rest = time.monotonic(), REST_MIN_SECONDS
            continue
        if time.monotonic() - idle_since > idle_max.total_seconds():
            return standing
        time.sleep(rest)
        rest = min(rest * 2, REST_MAX_SECONDS)


def wait_for_outcomes(account_id: UUID, patience: Patience | None = None) -> None:
    """Ask the acquirer until no payment's outcome is unknown; `StillBusy` if it never says."""
    deadline = time.monotonic() + IDLE_MAX.total_seconds()
    while _is_any_unknown(account_id):
        if time.monotonic() > deadline:
            raise StillBusy(str(account_id))
        work_off(account_id, patience=patience)
        time.sleep(REST_MAX_SECONDS)


def _is_any_unknown(account_id: UUID) -> bool:
    with tenant(account_id) as account:
        return payments.unknown_count(account) > 0


def _round(account_id: UUID, patience: Patience | None) -> Turn:
    progress = drive.bill(account_id, batches=BILL_BATCHES)
    dispatched, sent, looked_up = _drain(account_id), 0, 0
    if _is_due(account_id, ATTEMPTS):
        sent = collect.collect(account_id, batches=COLLECT_BATCHES, patience=patience)
        # What came of it is heard in this round, so that the run can be closed in it.
        dispatched += _drain(account_id)
    has_moved = progress.has_moved or dispatched or sent
    if not has_moved or _is_due(account_id, LOOK_UP_KIND):
        looked_up = collect.look_up(account_id, limit=LOOK_UPS, patience=patience)
    turn = Turn(
        run_id=progress.run_id,
        billed=progress.renewed,
        ended=progress.expired,
        parked=progress.parked,
        dispatched=dispatched,
        sent=sent,
        looked_up=looked_up,
    )
    if progress.is_done or not turn.did_something:
        drive.finish(account_id)
    return turn


def _drain(account_id: UUID) -> int:
    if not _is_due(account_id, outbox.DUE_KIND):
        return 0
    return outbox.drain(account_id, limit=DISPATCHES)


def _is_due(account_id: UUID, kind: str) -> bool:
    """Work that waits has a line until it is done: without one there is none to look for."""
    return bool(due.lines(account_id, kind, wall_now()))


def _standing(account_id: UUID) -> Standing:
    with tenant(account_id) as account:
        run = subscriptions.open_run(account)
        is_waiting = outbox.pending_count(account) or payments.waiting_count(account)
    if is_waiting or (run and run.state != RunState.PAUSED):
        return Standing.BUSY
    return Standing.PAUSED if run else Standing.DONE
