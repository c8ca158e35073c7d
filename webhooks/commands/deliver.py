"""Drive deliveries through their transactions, with the calls to the endpoints between them.

Called by Celery's door and by tests alike; any number may drive one account at once. One run
lasts some seconds and leaves the rest to the next. While one endpoint hangs, the others go on:
each has its own window, and replies are taken as they come.
"""

import base64
import os
import platform
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Account
from foundation import due, egress, jobs, statistics
from foundation.faultpoint import faultpoint
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.ids import new_id
from webhooks import queries
from webhooks.commands.claim import Claimed, Lease, claim
from webhooks.commands.publish import DUE_KIND
from webhooks.commands.record import Answered, record
from webhooks.domain.pace import Pace
from webhooks.queries import sending

RUN_SECONDS = 20.0
LEASE = timedelta(seconds=60)
"""Much longer than a call may take, so that an owner who lives has recorded before it ends."""
TOGETHER, TOGETHER_SECONDS = 100, 0.03
"""Replies are recorded in groups: so many, or those that come within so long of the first."""
LOOK_AGAIN_SECONDS = 1.0
USER_AGENT = "Kontor-Webhooks/1"


def deliver(account_id: UUID, *, seconds: float = RUN_SECONDS) -> int:
    """Send what is due for up to so many seconds; returns how many calls were made.

    Three steps each: claim and commit, call with no transaction open, record and commit.
    """
    seen = due.lines(account_id, DUE_KIND, wall_now())
    statistics.refresh()
    with egress.open_line(allowed=settings.EGRESS_ALLOWED) as line:
        run = _Run(account_id, line)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and run.claim() + run.under_way:
            run.hear()
        if run.under_way:
            # Another goes on with what is quick while this one waits for what is slow.
            jobs.nudge(DUE_KIND, account_id)
        while run.under_way:
            run.hear()
    with tenant(account_id) as account:
        due.clear(account_id, seen)
        _note_next(account)
    return run.calls


def _note_next(account: Account) -> None:
    at = sending.next_due_at(account)
    if at is None:
        return
    noted = due.next_at(account.id, [DUE_KIND])
    # A line that is there already for an earlier instant says it too.
    if noted is None or at < noted:
        due.note(DUE_KIND, at)
    if at <= wall_now():
        account_id = account.id
        transaction.on_commit(lambda: jobs.nudge(DUE_KIND, account_id))


@dataclass(frozen=True, slots=True)
class _Flight:
    """A call that is under way."""

    endpoint_id: UUID
    initiated_at: datetime


def _owner() -> str:
    return f"{platform.node()[:40]}:{os.getpid()}:{new_id().hex}"


@dataclass(slots=True)
class _Run:
    """One dispatcher at work on one account."""

    account_id: UUID
    line: egress.Line
    calls: int = 0
    owner: str = field(
        default_factory=lambda: f"{platform.node()[:40]}:{os.getpid()}:{new_id().hex}"
    )
    flights: dict[UUID, _Flight] = field(default_factory=dict)
    paces: dict[UUID, Pace] = field(default_factory=dict)
    usual: queries.SettingsFact | None = None

    @property
    def under_way(self) -> int:
        """Calls that have not been answered yet."""
        return len(self.flights)

    def claim(self) -> int:
        """Send what each endpoint has room for; returns how many calls that were."""
        now = wall_now()
        with tenant(self.account_id) as account:
            rooms = self._rooms(sending.due_endpoints(account, now))
            claimed = claim(account=account, rooms=rooms, lease=Lease(self.owner, now, LEASE))
            if claimed and self.usual is None:
                self.usual = queries.settings_of(account)
        if not claimed or self.usual is None:
            return 0
        faultpoint("webhooks.claimed")
        at = wall_now()
        self.flights |= {each.id: _Flight(each.endpoint_id, at) for each in claimed}
        self.line.send({each.id: _call(each, self.usual) for each in claimed})
        self.calls += len(claimed)
        return len(claimed)

    def _rooms(self, endpoints: Sequence[sending.DueEndpoint]) -> dict[UUID, int]:
        busy = Counter(each.endpoint_id for each in self.flights.values())
        rooms = {}
        for each in endpoints:
            pace = self.paces.setdefault(each.id, Pace.after(each.failures))
            if pace.window > busy[each.id]:
                rooms[each.id] = pace.window - busy[each.id]
        return rooms

    def hear(self) -> None:
        """Record what was answered meanwhile; waits a little for the first answer."""
        replies = self.line.replies(
            at_least=min(TOGETHER, self.under_way),
            within=TOGETHER_SECONDS,
            patience=LOOK_AGAIN_SECONDS,
        )
        if not replies:
            return
        faultpoint("webhooks.sent")
        answered = [self._answered(key, reply) for key, reply in replies]
        self._record(answered)

    def _answered(self, key: UUID, reply: egress.Reply) -> Answered:
        flight = self.flights.pop(key)
        answered = Answered(key, flight.endpoint_id, flight.initiated_at, reply)
        pace = self.paces[flight.endpoint_id]
        pace.heard(reply.seconds, is_success=answered.is_success)
        return answered

    def _record(self, answered: Sequence[Answered]) -> None:
        # The calls took their time: a connection that died meanwhile must not lose what was said.
        connection.close_if_unusable_or_obsolete()
        with tenant(self.account_id) as account:
            record(account=account, answered=answered, owner=self.owner, now=wall_now())


def _call(claimed: Claimed, usual: queries.SettingsFact) -> egress.Call:
    headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT}
    is_own = bool(claimed.username or claimed.password)
    username = claimed.username if is_own else usual.username
    password = claimed.password if is_own else usual.password
    if username or password:
        told = base64.b64encode(f"{username}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {told}"
    return egress.Call(url=claimed.url, body=claimed.content.encode(), headers=headers)
