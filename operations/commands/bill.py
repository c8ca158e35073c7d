"""Bill accounts here and now, and what a person does about a run."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from accounts.queries import business_now
from customers.queries import by_handle
from foundation import jobs
from foundation.tenancy import tenant
from kernel.clock import wall_now
from operations.commands.work_off import IDLE_MAX, Standing, Turn, work_off
from payments.commands.collect import Patience
from subscriptions import queries
from subscriptions.commands import drive, runs
from subscriptions.commands.renew import renew


def bill_all(
    account_ids: Sequence[UUID],
    *,
    patience: Patience | None = None,
    on_turn: Callable[[UUID, Turn], None] | None = None,
    idle_max: timedelta = IDLE_MAX,
) -> dict[UUID, Standing]:
    """Do for each account, at its present business time, everything that workers would do.

    Safe beside workers and beside itself. An account whose clock is being moved is left to whoever
    moves it, as busy.
    """
    standings = {}
    for account_id in account_ids:
        if jobs.is_left_alone(account_id):
            standings[account_id] = Standing.BUSY
            continue
        standings[account_id] = work_off(
            account_id,
            patience=patience,
            on_turn=_listener(account_id, on_turn),
            idle_max=idle_max,
        )
    return standings


def _listener(
    account_id: UUID, on_turn: Callable[[UUID, Turn], None] | None
) -> Callable[[Turn], None] | None:
    return (lambda turn: on_turn(account_id, turn)) if on_turn else None


def bill_customer(account_id: UUID, handle: str, *, by: str) -> int:
    """Bill one customer again: release what of theirs is parked and open every period that is
    due; returns how many. What fails again is parked again.

    The periods belong to the account's run, a paused one too: a person has asked for these.
    Raises `NotFound` for an unknown customer and `Conflict` while the clock is being moved.
    """
    ids = _released(account_id, handle, by)
    opened = 0
    while ids:
        done = sum(jobs.halve(ids, _renewing(account_id), _parking(account_id)))
        opened += done
        ids = _still_due(account_id, handle) if done else []
    return opened


def _released(account_id: UUID, handle: str, by: str) -> list[UUID]:
    with tenant(account_id) as account:
        jobs.refuse_while_leased(account=account, name=jobs.CLOCK_LEASE, now=wall_now())
        customer = by_handle(account, handle)
        ids = queries.due_of_customer(account, customer.id, business_now(account))
        parked = queries.parked_of(account, ids)
    for subject_id in parked:
        drive.release(account_id, subject_id, by=by)
    return ids


def _still_due(account_id: UUID, handle: str) -> list[UUID]:
    with tenant(account_id) as account:
        customer = by_handle(account, handle)
        ids = queries.due_of_customer(account, customer.id, business_now(account))
        parked = set(queries.parked_of(account, ids))
        return [each for each in ids if each not in parked]


def _renewing(account_id: UUID) -> Callable[[Sequence[UUID]], int]:
    def work(ids: Sequence[UUID]) -> int:
        with tenant(account_id) as account:
            now = business_now(account)
            run = runs.open_or_join(account=account, now=now)
            run_id = run.id if run else None
            done = renew(account=account, subscription_ids=ids, now=now, run_id=run_id)
            return done.renewed

    return work


def _parking(account_id: UUID) -> Callable[[UUID, jobs.Failure], None]:
    def culprit(subject_id: UUID, failure: jobs.Failure) -> None:
        with tenant(account_id) as account:
            jobs.park(
                account=account,
                kind=queries.PARK_KIND,
                subject_id=subject_id,
                failure=failure,
                now=business_now(account),
            )

    return culprit


def pause(account_id: UUID, *, reason: str, by: str) -> None:
    """Let no further batch of the account's open run begin; `NotFound` when there is none."""
    with tenant(account_id) as account:
        runs.pause(account=account, reason=reason, actor=by, now=business_now(account))


def resume(account_id: UUID, *, by: str) -> None:
    """Let the account's paused run go on."""
    with tenant(account_id) as account:
        runs.resume(account=account, actor=by, now=business_now(account))
