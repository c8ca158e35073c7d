"""What the runners' parent has imported before it forks them, so that a life costs milliseconds.

It never opens a connection: a forked child must not share one.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_platform.settings")
django.setup()

import billing_platform.celery  # noqa: E402, F401
import tests.torture.ears  # noqa: E402
import tests.torture.runner  # noqa: E402, F401
