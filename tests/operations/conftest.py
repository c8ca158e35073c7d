"""Accounts that are ready to be billed, and a process of its own to be killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from billing_platform.frontdoor.databases import clone_database, database_url, drop_database

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def kontor(database, acquirer):
    """Run one of our words in a process of its own, beside the test's database and acquirer."""

    def run(*words, faults="", seconds=60, elsewhere=None):
        env = os.environ | {
            "KONTOR_APP_DATABASE_URL": database_url(
                os.environ["KONTOR_APP_DATABASE_URL"], elsewhere or database
            ),
            "KONTOR_ACQUIRER_URL": settings.ACQUIRER_URL,
            "KONTOR_ACQUIRER_SECRET": settings.ACQUIRER_SECRET,
            "KONTOR_GATEWAY_TIMEOUT_SECONDS": "1",
            "KONTOR_LOOK_UP_AFTER_SECONDS": "1",
            "KONTOR_FAULTS": faults,
            "KONTOR_LOG_LEVEL": "CRITICAL",
        }
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )

    return run


@pytest.fixture
def elsewhere(superuser_url, database):
    """The name of a database that no other test has written to."""
    name = f"{database}_elsewhere"
    clone_database(superuser_url, name)
    yield name
    drop_database(superuser_url, name)
