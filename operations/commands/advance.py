"""Move an account's own clock, and do on the way what falls due, in its order."""

import os
import platform
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from accounts.commands.move_clock import move_clock, refuse_move
from accounts.models import Account
from accounts.queries import business_now
from foundation import due, jobs
from foundation.faultpoint import faultpoint
from foundation.models import Lease
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import Conflict
from kernel.ids import new_id
from operations.commands.work_off import Listener, Standing, Turn, work_off
from operations.errors import RunPaused, StillBusy
from payments.commands.collect import Patience
from subscriptions import queries as subscriptions
from subscriptions.commands.renew import DUE_KIND as RENEWAL

BUSINESS_KINDS = (RENEWAL,)
"""The kinds of work whose instants lie on the account's own clock."""
LEASE_SECONDS = 300
RENEW_AFTER_SECONDS = 10


def advance(
    account_id: UUID,
    to: datetime,
    *,
    patience: Patience | None = None,
    on_step: Callable[[datetime], None] | None = None,
    on_turn: Listener | None = None,
    leaves_last: bool = False,
) -> None:
    """Move the clock forward to `to`, stopping at every instant at which something is due.

    At each of them, and at the present one first, all work is done before the clock goes on:
    billing, dispatches, the calls to the acquirer, look-ups, the run's sheet; then `on_step` is
    told the instant. Killed at any point it is repeated with the same `to` and goes on where it
    stopped. With `leaves_last` what is due at `to` itself is left to whoever moves on from there.

    Raises `Conflict` while somebody else moves this clock, `Refused` for an account without its
    own clock, for a way back, and when a paused run holds the account's time.
    """
    hold = _Hold(account_id)
    at: datetime | None = hold.take(to)
    try:
        while at is not None:
            _work(account_id, patience, lambda turn: _tell(hold, on_turn, turn))
            if on_step:
                on_step(at)
            at = hold.move_on(to, leaves_last=leaves_last)
    finally:
        hold.drop()


def _tell(hold: "_Hold", on_turn: Listener | None, turn: Turn) -> None:
    hold.renew()
    if on_turn:
        on_turn(turn)


def _work(account_id: UUID, patience: Patience | None, on_turn: Listener) -> None:
    standing = work_off(account_id, patience=patience, on_turn=on_turn)
    if standing is Standing.DONE:
        return
    with tenant(account_id) as account:
        run = subscriptions.open_run(account)
        if standing is Standing.PAUSED and run:
            raise RunPaused(str(account_id), business_now(account), run.pause_reason)
        raise StillBusy(str(account_id))


def _forget_the_dead(account: Account) -> None:
    """A lease held by a process of this machine that is gone waits for nobody."""
    lease = Lease.objects.of(account).filter(name=jobs.CLOCK_LEASE).first()
    if lease is None:
        return
    node, _, rest = lease.owner.partition(":")
    pid = rest.partition(":")[0]
    if node == _node() and pid.isdecimal() and not _is_alive(int(pid)):
        jobs.drop_lease(account=account, name=jobs.CLOCK_LEASE, owner=lease.owner)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _node() -> str:
    return platform.node()[:40]


class _Hold:
    """The lease under which one process moves the clock.

    Whoever comes after a lost lease finds the clock where it was left, and every move asks for
    the lease in its own transaction: two can never move one clock.
    """

    def __init__(self, account_id: UUID) -> None:
        self.account_id = account_id
        self.owner = f"{_node()}:{os.getpid()}:{new_id().hex}"
        self.renewed_at = 0.0

    def take(self, to: datetime) -> datetime:
        """Take the lease; returns where the clock stands."""
        with tenant(self.account_id) as account:
            refuse_move(account, to)
            _forget_the_dead(account)
            self._take(account)
            return business_now(account)

    def renew(self) -> None:
        if time.monotonic() - self.renewed_at > RENEW_AFTER_SECONDS:
            with tenant(self.account_id) as account:
                self._take(account)

    def move_on(self, to: datetime, *, leaves_last: bool) -> datetime | None:
        """Move to the next instant at which something is due and return it; or, when nothing is
        due up to `to`, or before it, move there and return nothing."""
        with tenant(self.account_id) as account:
            self._take(account)
            next_at = due.next_at(self.account_id, BUSINESS_KINDS)
            if next_at is not None and (next_at > to or (leaves_last and next_at == to)):
                next_at = None
            now = business_now(account)
            move_clock(account=account, to=to if next_at is None else max(next_at, now))
            faultpoint("advance.before_commit")
        faultpoint("advance.moved")
        return next_at

    def drop(self) -> None:
        with tenant(self.account_id) as account:
            jobs.drop_lease(account=account, name=jobs.CLOCK_LEASE, owner=self.owner)

    def _take(self, account: Account) -> None:
        now = wall_now()
        if not jobs.take_lease(
            account=account, name=jobs.CLOCK_LEASE, owner=self.owner, now=now, seconds=LEASE_SECONDS
        ):
            raise Conflict(
                "concurrent_resource_update",
                "The clock of {account} is being moved by somebody else. Try again when they are "
                "done; should they have died, in a minute.",
                account=account.handle,
            )
        self.renewed_at = time.monotonic()
