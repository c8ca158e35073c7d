"""The plumbing under every app."""

import gc

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string

from foundation.instants import read_instants_fast

GARBAGE_AFTER = 50_000
"""New containers before the collector looks. A batch makes tens of thousands of rows that die by
reference count alone; at Python's own 700 the collector took a seventh of a billing run."""


class FoundationConfig(AppConfig):
    name = "foundation"

    def ready(self) -> None:
        """Once a process."""
        gc.set_threshold(GARBAGE_AFTER, 20, 50)
        read_instants_fast()
        # Without an application of ours Celery would nudge a broker of its own imagination.
        import_string(settings.CELERY_APP)
