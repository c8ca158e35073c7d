"""Celery's doors to the plumbing: wake what is due, hand on what was said, keep house."""

from uuid import UUID

from celery import current_app, shared_task
from django.conf import settings

from foundation import due, housekeeping, jobs, outbox
from kernel.clock import wall_now

WAKE_MAX = 500
DISPATCHES_MAX = 200


@shared_task
def sweep() -> None:
    """Wake the task of everything that is due: queues may be lost, the due list is not."""
    for work in due.wake(now=wall_now(), limit=WAKE_MAX):
        current_app.send_task(settings.DUE_TASKS[work.kind], args=[str(work.account_id)])


@shared_task
def run_dispatches(account_id: str) -> None:
    """Hand the account's waiting facts to their hearers."""
    if jobs.is_left_alone(UUID(account_id)):
        return
    outbox.drain(account_id, limit=DISPATCHES_MAX)


@shared_task
def heartbeat() -> None:
    """Shows that beat sends and a worker receives."""
    housekeeping.beat("worker", now=wall_now())


@shared_task
def keep_house() -> None:
    """The outbox's partitions for the months to come."""
    housekeeping.keep(now=wall_now())
