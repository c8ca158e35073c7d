"""Celery's doors to what concerns every account."""

from celery import shared_task

from operations.commands.seal_audit import seal_all


@shared_task
def seal_audit_trails() -> None:
    """Chain what was recorded since the last time, account by account."""
    seal_all()
