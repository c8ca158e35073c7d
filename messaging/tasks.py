"""Celery's door to the mail server."""

from uuid import UUID

from celery import shared_task

from messaging.commands.deliver import deliver

BATCHES = 10


@shared_task
def send_mails(account_id: str) -> None:
    """Send what is queued."""
    deliver(UUID(account_id), batches=BATCHES)
