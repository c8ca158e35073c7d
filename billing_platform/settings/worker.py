"""Celery's settings. A task is a wake-up: what is due, locked and done stands in PostgreSQL."""

from typing import Any

from billing_platform.schedule import SCHEDULE

# A task whose worker died is delivered again after this time; tasks must be safe to repeat.
VISIBILITY_SECONDS = 600


def chosen(redis_url: str) -> dict[str, Any]:
    """Celery's settings under the names that it reads from Django's."""
    return {
        "CELERY_BROKER_URL": redis_url,
        "CELERY_BROKER_TRANSPORT_OPTIONS": {"visibility_timeout": VISIBILITY_SECONDS},
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_RESULT_BACKEND": None,
        "CELERY_ACCEPT_CONTENT": ["json"],
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": True,
        "CELERY_TIMEZONE": "UTC",
        "CELERY_BEAT_SCHEDULE": SCHEDULE,
    }
