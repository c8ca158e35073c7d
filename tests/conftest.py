"""Real PostgreSQL, real commits, the real application role; every test has accounts of its own."""

import os

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from billing_platform.frontdoor.databases import clone_database, database_url, drop_database
from tests.payments.acquirer_process import SECRET, AcquirerProcess

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def superuser_url() -> str:
    return os.environ["KONTOR_TEST_SUPERUSER_URL"]


@pytest.fixture(scope="session", autouse=True)
def database(superuser_url, django_db_blocker):
    """This worker's own database, reached as the application; tests commit for real."""
    name = f"test_{WORKER}_{os.getpid()}"
    clone_database(superuser_url, name)
    connections["default"].close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name
    settings.NUDGE = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.API_LIMITS = {"read": (0, 0, 0), "write": (0, 0, 0)}
    with django_db_blocker.unblock():
        yield name
    connections["default"].close()
    drop_database(superuser_url, name)


@pytest.fixture
def owner(superuser_url, database):
    """A superuser's connection into the test's database, for what no application may do."""
    with psycopg.connect(database_url(superuser_url, database), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def acquirer(tmp_path_factory):
    """The simulated acquirer as a process of its own, with its own book."""
    from payments.commands.collect import gateway_of

    process = AcquirerProcess(tmp_path_factory.mktemp("acquirer"), hang_seconds=2, late_seconds=1)
    process.start()
    settings.ACQUIRER_URL, settings.ACQUIRER_SECRET = process.url, SECRET
    settings.GATEWAY_TIMEOUT_SECONDS = 1
    gateway_of.cache_clear()
    yield process
    process.stop()
