"""Celery's door to the endpoints."""

from uuid import UUID

from celery import shared_task

from foundation import jobs
from webhooks.commands import deliver as dispatcher


@shared_task
def deliver(account_id: str) -> None:
    """Send what is due."""
    if jobs.is_left_alone(UUID(account_id)):
        return
    dispatcher.deliver(UUID(account_id))
