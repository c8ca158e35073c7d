"""Drive a billing run through its transactions: one account and at most 500 subscriptions each.

Called by Celery's doors and by the command line alike. Any number may drive one account at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounts.queries import business_now
from foundation import due, jobs, statistics
from foundation.faultpoint import faultpoint
from foundation.tenancy import tenant
from kernel.clock import wall_now
from subscriptions import queries
from subscriptions.commands import runs
from subscriptions.commands.renew import DUE_KIND, Renewed, renew, renew_due
from subscriptions.domain.lifecycle import RunState

BATCH = 500
REFRESH_EVERY = 10
ASK_AGAIN = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Progress:
    """What one stretch of driving did; `is_done` means nothing more is due."""

    run_id: UUID | None
    renewed: int
    expired: int
    parked: int
    is_done: bool

    @property
    def has_moved(self) -> bool:
        """Something was done, so that asking again may bring more."""
        return bool(self.renewed or self.expired or self.parked)


def bill(account_id: UUID, *, batches: int) -> Progress:
    """Bill up to `batches` batches of what is due in the account.

    Opens or joins the account's run. When nothing is left it moves the run on to collecting,
    clears the account's lines on the due list and says when there is work again.
    """
    with tenant(account_id) as account:
        now = business_now(account)
        seen = due.lines(account_id, DUE_KIND, now)
        run = runs.open_or_join(account=account, now=now)
        if run is None:
            _settle_due(account_id, seen)
            return Progress(None, 0, 0, 0, is_done=True)
    driven: list[_Batch] = []
    while len(driven) < batches:
        if len(driven) % REFRESH_EVERY == 0:
            statistics.refresh()
        driven.append(_Batch(account_id, run.id))
        if not driven[-1].drive():
            return _finish(account_id, run.id, driven, seen)
    return _progress(run.id, driven, is_done=False)


class _Batch:
    """One batch and, when it fails, its halves."""

    def __init__(self, account_id: UUID, run_id: UUID) -> None:
        self.account_id, self.run_id = account_id, run_id
        self.renewed = self.expired = self.parked = 0

    def drive(self) -> bool:
        """Whether there was anything to do."""
        if isinstance(jobs.attempt(self._next), jobs.Failure):
            jobs.halve(self._ids(), self._renew, self._park)
            with tenant(self.account_id) as account:
                runs.pause_if_too_many_parked(
                    account=account, run_id=self.run_id, now=business_now(account)
                )
        return bool(self.renewed or self.expired or self.parked)

    def _next(self) -> None:
        done = None
        with tenant(self.account_id) as account:
            run = queries.open_run(account)
            if run is not None and run.id == self.run_id and run.state == RunState.BILLING:
                done = renew_due(account=account, limit=BATCH, now=run.due_by, run_id=run.id)
                faultpoint("billing.before_commit")
        faultpoint("billing.after_commit")
        if done:
            self._count(done)

    def _ids(self) -> list[UUID]:
        """About the subscriptions that the failed batch held, to find the culprit among them."""
        with tenant(self.account_id) as account:
            run = queries.open_run(account)
            return queries.due_ids(account, run.due_by, BATCH) if run else []

    def _renew(self, ids: Sequence[UUID]) -> None:
        with tenant(self.account_id) as account:
            run = queries.open_run(account)
            if run is None or run.state != RunState.BILLING:
                return
            done = renew(account=account, subscription_ids=ids, now=run.due_by, run_id=run.id)
        self._count(done)

    def _count(self, done: Renewed) -> None:
        self.renewed += done.renewed
        self.expired += done.expired

    def _park(self, subscription_id: UUID, failure: jobs.Failure) -> None:
        with tenant(self.account_id) as account:
            jobs.park(
                account=account,
                kind=queries.PARK_KIND,
                subject_id=subscription_id,
                failure=failure,
                now=business_now(account),
            )
        self.parked += 1


def _finish(
    account_id: UUID, run_id: UUID, driven: Sequence[_Batch], seen: Sequence[int]
) -> Progress:
    with tenant(account_id) as account:
        is_done = runs.finish_billing(account=account, run_id=run_id)
        if is_done:
            _settle_due(account_id, seen)
    return _progress(run_id, driven, is_done=is_done)


def _settle_due(account_id: UUID, seen: Sequence[int]) -> None:
    """The lines that were worked through go; the next instant is noted anew."""
    with tenant(account_id) as account:
        due.clear(account_id, seen)
        next_at = queries.next_due_at(account)
        if next_at is not None and seen:
            due.note(DUE_KIND, next_at, business=True)


def _progress(run_id: UUID, driven: Sequence[_Batch], *, is_done: bool) -> Progress:
    return Progress(
        run_id,
        sum(each.renewed for each in driven),
        sum(each.expired for each in driven),
        sum(each.parked for each in driven),
        is_done=is_done,
    )


def finish(account_id: UUID) -> bool:
    """Close the account's run when it has collected all it can; whether none is open now.

    Otherwise it is asked again in a quarter of a minute.
    """
    now = wall_now()
    statistics.refresh()
    seen = due.lines(account_id, runs.CLOSE_KIND, now)
    with tenant(account_id) as account:
        run = queries.open_run(account)
        closed = run and runs.close(account=account, run_id=run.id, now=business_now(account))
        due.clear(account_id, seen)
        if run and not closed and run.state == RunState.COLLECTING:
            due.note(runs.CLOSE_KIND, now + ASK_AGAIN)
    return not run or closed is not None


def release(account_id: UUID, subject_id: UUID, *, by: str) -> None:
    """A person lets a parked subscription be billed again; it catches up exactly once."""
    with tenant(account_id) as account:
        now = business_now(account)
        jobs.release(
            account=account, kind=queries.PARK_KIND, subject_id=subject_id, by=by, now=wall_now()
        )
        due.note(DUE_KIND, now, business=True)
