"""The Celery application: worker and beat."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from django.db import connection
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_platform.settings")

app = Celery("kontor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logs(**_: Any) -> None:
    """Celery sets up logging of its own unless somebody answers this signal."""


@worker_init.connect
def refuse_open_walls(**_: Any) -> None:
    """Celery only logs what a signal raises, so the refusal has to end the process itself."""
    open_wall: type[Exception] = import_string("foundation.roles.OpenWall")
    try:
        import_string("foundation.roles.refuse_open_walls")()
    except open_wall as refusal:
        raise SystemExit(str(refusal)) from refusal
    finally:
        connection.close()


@beat_init.connect
def beat_at_once(**_: Any) -> None:
    """Show life without waiting for the first interval to pass."""
    app.send_task("foundation.tasks.heartbeat")
