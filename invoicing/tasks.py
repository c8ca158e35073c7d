"""Celery's door to the renderer."""

from uuid import UUID

from celery import shared_task

from foundation import jobs
from invoicing.commands.render import DUE_KIND, render_due

FILES_MAX = 50


@shared_task
def render(account_id: str) -> None:
    """Make the files of documents that are wanted."""
    if render_due(UUID(account_id), limit=FILES_MAX):
        jobs.nudge(DUE_KIND, UUID(account_id))
