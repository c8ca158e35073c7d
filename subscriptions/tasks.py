"""Celery's doors to the billing run."""

from uuid import UUID

from celery import shared_task

from foundation import jobs
from subscriptions.commands import drive
from subscriptions.commands.renew import DUE_KIND

BATCHES = 20


@shared_task
def bill(account_id: str) -> None:
    """Some seconds of the account's billing run, then the next door opens."""
    if jobs.is_left_alone(UUID(account_id)):
        return
    progress = drive.bill(UUID(account_id), batches=BATCHES)
    if progress.has_moved and not progress.is_done:
        jobs.nudge(DUE_KIND, UUID(account_id))


@shared_task
def close_run(account_id: str) -> None:
    """Close the account's run with its sheet once it has collected all it can."""
    if jobs.is_left_alone(UUID(account_id)):
        return
    drive.finish(UUID(account_id))
