"""The Celery application: worker and beat."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_platform.settings")

app = Celery("kontor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logs(**_: Any) -> None:
    """Celery sets up logging of its own unless somebody answers this signal."""


@beat_init.connect
def beat_at_once(**_: Any) -> None:
    """Show life without waiting for the first interval to pass."""
    app.send_task("foundation.tasks.heartbeat")
