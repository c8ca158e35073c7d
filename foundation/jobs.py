"""Work that may fail: tried again, halved until the culprit stands alone, then parked.

The one place in the house that catches every exception.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import InterfaceError, OperationalError
from kombu.exceptions import OperationalError as BrokerDown
from psycopg import errors as postgres

from foundation.models import Lease, Parked
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import Conflict, KontorError, NotFound

if TYPE_CHECKING:
    from accounts.models import Account

T = TypeVar("T")
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
log = structlog.get_logger()

CLOCK_LEASE = "clock"
"""Who holds this lease of an account moves its clock."""
TRIES_MAX = 5
PASSING = (postgres.SerializationFailure, postgres.DeadlockDetected, postgres.LockNotAvailable)
"""Conflicts between two transactions: the same work succeeds a moment later."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a piece of work did not succeed: a stable code and a sentence for a person."""

    code: str
    sentence: str


def attempt(work: Callable[[], T]) -> T | Failure:
    """Do `work`, which opens its own transaction; a fault of the data becomes a `Failure`.

    Conflicts with another transaction are retried with jitter. A lost database is no fault of
    the data: it is raised, and whoever swept us up comes again.
    """
    for tries_left in reversed(range(TRIES_MAX)):
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if not isinstance(error.__cause__, PASSING) or not tries_left:
                raise
            time.sleep(random.uniform(0.01, 0.1))  # noqa: S311
        except Exception as error:
            code = error.code if isinstance(error, KontorError) else type(error).__name__
            log.exception("work.failed", code=code)
            return Failure(code=code, sentence=str(error)[:1000])
    raise AssertionError("unreachable: the last try returns or raises")


def halve(
    subjects: Sequence[UUID],
    work: Callable[[Sequence[UUID]], T],
    culprit: Callable[[UUID, Failure], None],
) -> list[T]:
    """Do `work` on all subjects in one transaction; on failure on each half, down to the one.

    `culprit` is told of each subject that fails alone; all others are done.
    """
    if not subjects:
        return []
    outcome = attempt(lambda: work(subjects))
    if not isinstance(outcome, Failure):
        return [outcome]
    if len(subjects) == 1:
        culprit(subjects[0], outcome)
        return []
    middle = len(subjects) // 2
    return [
        *halve(subjects[:middle], work, culprit),
        *halve(subjects[middle:], work, culprit),
    ]


def park(
    *, account: "Account", kind: str, subject_id: UUID, failure: Failure, now: datetime
) -> None:
    """Set the subject aside until a person releases it; parking twice changes nothing."""
    Parked.objects.of(account).get_or_create(
        account_id=account.id,
        kind=kind,
        subject_id=subject_id,
        released_at=None,
        defaults={"code": failure.code, "sentence": failure.sentence, "parked_at": now},
    )


def release(*, account: "Account", kind: str, subject_id: UUID, by: str, now: datetime) -> None:
    """A person lets the subject run again; raises `NotFound` when it is not parked."""
    parked = Parked.objects.of(account).filter(kind=kind, subject_id=subject_id, released_at=None)
    if not parked.update(released_at=now, released_by=by):
        raise NotFound("parked item", str(subject_id))


def take_lease(*, account: "Account", name: str, owner: str, now: datetime, seconds: int) -> bool:
    """Hold `name` in this account until `seconds` from `now` (wall time), unless another does."""
    expires_at = now + timedelta(seconds=seconds)
    leases = Lease.objects.of(account)
    lease, created = leases.select_for_update().get_or_create(
        account_id=account.id, name=name, defaults={"owner": owner, "expires_at": expires_at}
    )
    if created or lease.owner == owner or lease.expires_at <= now:
        lease.owner, lease.expires_at = owner, expires_at
        lease.save(update_fields=["owner", "expires_at"])
        return True
    return False


def is_leased(*, account: "Account", name: str, now: datetime) -> bool:
    """Whether anybody holds `name` in this account; `now` is wall time."""
    return Lease.objects.of(account).filter(name=name, expires_at__gt=now).exists()


def is_left_alone(account_id: UUID) -> bool:
    """Whether workers keep out of the account now, because somebody moves its clock: they do all
    work themselves, at the instant it belongs to."""
    with tenant(account_id) as account:
        return is_leased(account=account, name=CLOCK_LEASE, now=wall_now())


def refuse_while_leased(*, account: "Account", name: str, now: datetime) -> None:
    """Raises `Conflict` while anybody holds `name` in this account; `now` is wall time."""
    if is_leased(account=account, name=name, now=now):
        raise Conflict(
            "concurrent_resource_update",
            "The account {account} is being worked on by somebody else ({name}); try again later.",
            account=account.handle,
            name=name,
        )


def drop_lease(*, account: "Account", name: str, owner: str) -> None:
    """Give the lease back, if it is still ours."""
    Lease.objects.of(account).filter(name=name, owner=owner).delete()


@contextmanager
def without_nudges() -> Iterator[None]:
    """Here the caller itself does the work it makes; nobody else need be woken for it."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def nudge(kind: str, account_id: UUID) -> None:
    """Wake the task of `kind` for the account; losing the nudge is harmless, a sweep follows."""
    if _quiet.get() or not settings.NUDGE:
        return
    try:
        current_app.send_task(settings.DUE_TASKS[kind], args=[str(account_id)], retry=False)
    except (BrokerDown, OSError) as error:
        log.warning("nudge.lost", kind=kind, reason=str(error))
