"""Celery's doors to the acquirer."""

from uuid import UUID

from celery import shared_task

from foundation import jobs
from payments.commands import collect

BATCHES = 20
LOOK_UPS_MAX = 200


@shared_task
def perform_attempts(account_id: str) -> None:
    """Send what is requested."""
    if jobs.is_left_alone(UUID(account_id)):
        return
    collect.collect(UUID(account_id), batches=BATCHES)


@shared_task
def look_up_attempts(account_id: str) -> None:
    """Ask about what has no outcome yet."""
    if jobs.is_left_alone(UUID(account_id)):
        return
    collect.look_up(UUID(account_id), limit=LOOK_UPS_MAX)
