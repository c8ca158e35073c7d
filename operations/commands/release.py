"""Let what is parked go on."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from accounts.models import Account
from foundation import outbox
from foundation import queries as plumbing
from foundation.tenancy import tenant
from invoicing.commands import render
from kernel.clock import wall_now
from messaging.commands import record as mails
from payments.commands import record_attempts as attempts
from subscriptions import queries
from subscriptions.commands import drive

Release: TypeAlias = Callable[[Account, UUID, str, datetime], None]

KINDS: Mapping[str, Release] = {
    attempts.PARK_KIND: lambda account, subject_id, by, now: attempts.release(
        account=account, attempt_id=subject_id, by=by, wall=now
    ),
    render.PARK_KIND: lambda account, subject_id, by, now: render.release(
        account=account, document_id=subject_id, by=by, now=now
    ),
    mails.PARK_KIND: lambda account, subject_id, by, now: mails.release(
        account=account, mail_id=subject_id, by=by, now=now
    ),
}
"""Who releases which kind; subscriptions have a door of their own."""


def release(account_id: UUID, name: str, *, by: str) -> None:
    """Let what is parked go on: a subscription by id or handle, anything else by its id, a
    dispatch by its number. Raises `NotFound` when nothing of that name is parked."""
    with tenant(account_id) as account:
        waiting = {str(each.subject_id): each for each in plumbing.parked(account)}
        numbers = {str(each.id): each.id for each in outbox.parked(account)}
        if name in numbers:
            outbox.release(account=account, dispatch_id=numbers[name], by=by, now=wall_now())
            return
        found = waiting.get(name)
        if found is not None and found.kind in KINDS:
            KINDS[found.kind](account, found.subject_id, by, wall_now())
            return
        subject_id = found.subject_id if found else _subscription(account, name)
    drive.release(account_id, subject_id, by=by)


def _subscription(account: Account, name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        return queries.by_handle(account, name).id
