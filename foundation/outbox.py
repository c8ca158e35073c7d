"""Facts wait here for their hearers, written in the transaction of the fact.

One dispatch per hearer and transaction carries that transaction's events, so a handler that
only writes rows runs exactly once, and a batch of five hundred costs one call.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from foundation import audit, bulk, due, jobs
from foundation.faultpoint import faultpoint
from foundation.models import Dispatch, OutboxEvent
from foundation.tenancy import Scope, current_scope, tenant
from kernel.clock import wall_now
from kernel.errors import NotFound
from kernel.events import DomainEvent, from_payload, to_json
from kernel.ids import new_id, new_ids

if TYPE_CHECKING:
    from accounts.models import Account

DUE_KIND = "dispatch"
_CARRIED = "events"
ATTEMPTS_MAX = 5
RETRY_AFTER = timedelta(seconds=10)

Handler = Callable[["Account", Sequence[DomainEvent]], None]


@dataclass(frozen=True, slots=True)
class Hearing:
    """A handler by its dotted name, and the kinds of event it hears."""

    handler: str
    kinds: frozenset[str]


@cache
def hearings() -> tuple[Hearing, ...]:
    """Who hears what, read once from ``settings.SUBSCRIBERS``: event class to dotted names."""
    table: Mapping[type[DomainEvent], Sequence[str]] = import_string(settings.SUBSCRIBERS)
    kinds: dict[str, set[str]] = {}
    for event, handlers in table.items():
        for handler in handlers:
            kinds.setdefault(handler, set()).add(event.kind)
    return tuple(Hearing(handler, frozenset(heard)) for handler, heard in kinds.items())


def append(*events: DomainEvent) -> None:
    """Say these facts when, and only when, the account's transaction commits."""
    scope = current_scope()
    waiting = scope.carried.get(_CARRIED)
    if waiting is None:
        waiting = scope.carried[_CARRIED] = []
        scope.before_commit.append(lambda: _flush(scope))
    waiting.extend(events)


def _flush(scope: Scope) -> None:
    events: list[DomainEvent] = scope.carried.pop(_CARRIED)
    batch_id, now = new_id(), wall_now()
    faultpoint("outbox.before_write")
    bulk.insert(
        OutboxEvent,
        ("id", "position", "kind", "payload"),
        (
            (id_, position, event.kind, to_json(event))
            for position, (id_, event) in enumerate(zip(new_ids(len(events)), events, strict=True))
        ),
        same={"batch_id": batch_id, "created_at": now},
    )
    dispatches = [
        Dispatch(
            account_id=scope.account_id,
            batch_id=batch_id,
            handler=hearing.handler,
            first=0,
            last=len(events) - 1,
            next_at=now,
            created_at=now,
        )
        for hearing in hearings()
        if any(event.kind in hearing.kinds for event in events)
    ]
    if dispatches:
        Dispatch.objects.of(_Owner(scope.account_id)).bulk_create(dispatches)
        due.note(DUE_KIND, now)
        account_id = scope.account_id
        transaction.on_commit(lambda: jobs.nudge(DUE_KIND, account_id))


@dataclass(frozen=True, slots=True)
class _Owner:
    id: UUID


def run(account_id: UUID, *, limit: int) -> int:
    """Hand up to `limit` waiting dispatches of the account to their handlers; returns how many.

    Each in its own transaction with the handler's writes: claimed, handled and marked together.
    """
    for done in range(limit):
        claimed: list[int] = []
        outcome = jobs.attempt(lambda claimed=claimed: _run_next(account_id, claimed))  # type: ignore[misc]
        if isinstance(outcome, jobs.Failure):
            with tenant(account_id) as account:
                assert claimed, outcome.sentence
                _set_back(account, claimed[0], outcome)
        elif not outcome:
            return done
    return limit


def _run_next(account_id: UUID, claimed: list[int]) -> bool:
    claimed.clear()
    with tenant(account_id) as account:
        dispatch = (
            Dispatch.objects.of(account)
            .filter(state=Dispatch.State.PENDING, next_at__lte=wall_now())
            .order_by("next_at", "id")
            .select_for_update(skip_locked=True)
            .first()
        )
        if dispatch is None:
            return False
        claimed.append(dispatch.id)
        handler, events = _handler(dispatch.handler), _events(account, dispatch)
        if events:
            handler(account, events)
        faultpoint("outbox.before_done")
        dispatch.state, dispatch.done_at = Dispatch.State.DONE, wall_now()
        dispatch.save(update_fields=["state", "done_at"])
    faultpoint("outbox.after_commit")
    return True


def _handler(name: str) -> Handler:
    handler: Handler = import_string(name)
    return handler


def _events(account: "Account", dispatch: Dispatch) -> list[DomainEvent]:
    kinds = next((each.kinds for each in hearings() if each.handler == dispatch.handler), ())
    rows = (
        OutboxEvent.objects.of(account)
        .filter(
            batch_id=dispatch.batch_id,
            position__range=(dispatch.first, dispatch.last),
            kind__in=kinds,
        )
        .order_by("position")
    )
    return [from_payload(kind, payload) for kind, payload in rows.values_list("kind", "payload")]


def _set_back(account: "Account", dispatch_id: int, failure: jobs.Failure) -> None:
    """Halve what failed until one event stands alone; that one is retried, then parked."""
    dispatches = Dispatch.objects.of(account)
    dispatch = dispatches.select_for_update().filter(id=dispatch_id, state="pending").first()
    if dispatch is None:
        return
    if dispatch.first < dispatch.last:
        middle = (dispatch.first + dispatch.last) // 2
        now = wall_now()
        dispatches.create(
            account_id=account.id,
            batch_id=dispatch.batch_id,
            handler=dispatch.handler,
            first=middle + 1,
            last=dispatch.last,
            next_at=now,
            created_at=dispatch.created_at,
        )
        dispatch.last = middle
        dispatch.save(update_fields=["last"])
        due.note(DUE_KIND, now)
        return
    _retry_or_park(dispatch, failure, wall_now())


def _retry_or_park(dispatch: Dispatch, failure: jobs.Failure, now: datetime) -> None:
    dispatch.failures += 1
    dispatch.reason = failure.sentence
    if dispatch.failures >= ATTEMPTS_MAX:
        dispatch.state = Dispatch.State.PARKED
    else:
        dispatch.next_at = now + RETRY_AFTER * 2 ** (dispatch.failures - 1)
        due.note(DUE_KIND, dispatch.next_at)
    dispatch.save(update_fields=["failures", "reason", "state", "next_at"])


def parked(account: "Account") -> list[Dispatch]:
    """Dispatches whose hearer failed too often, oldest first; a person releases them."""
    return list(Dispatch.objects.of(account).filter(state=Dispatch.State.PARKED).order_by("id"))


def pending_count(account: "Account") -> int:
    """Dispatches that wait for their hearer, from now or later."""
    return Dispatch.objects.of(account).filter(state=Dispatch.State.PENDING).count()


def release(*, account: "Account", dispatch_id: int, by: str, now: datetime) -> None:
    """A person gives a parked dispatch another life; raises `NotFound` when it is not parked."""
    dispatches = Dispatch.objects.of(account).filter(id=dispatch_id, state=Dispatch.State.PARKED)
    dispatch = dispatches.select_for_update().first()
    if dispatch is None:
        raise NotFound("parked dispatch", dispatch_id)
    dispatch.state, dispatch.failures, dispatch.next_at = Dispatch.State.PENDING, 0, now
    dispatch.save(update_fields=["state", "failures", "next_at"])
    due.note(DUE_KIND, now)
    audit.record(
        account=account,
        actor=by,
        act="dispatch.released",
        subject=("batch", dispatch.batch_id),
        at=now,
        handler=dispatch.handler,
    )


def drain(account_id: str | UUID, *, limit: int) -> int:
    """Run the account's dispatches; returns how many.

    Its lines on the due list go only when none waits, not even one that another worker holds:
    that worker may die.
    """
    key = account_id if isinstance(account_id, UUID) else UUID(account_id)
    now = wall_now()
    seen = due.lines(key, DUE_KIND, now)
    done = run(key, limit=limit)
    with tenant(key) as account:
        pending = Dispatch.objects.of(account).filter(state=Dispatch.State.PENDING)
        if not pending.filter(next_at__lte=now).exists():
            due.clear(key, seen)
    if done == limit:
        jobs.nudge(DUE_KIND, key)
    return done
