"""Real PostgreSQL, real commits, the real application role; every test has accounts of its own."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import sql

from tests.payments.acquirer_process import SECRET, AcquirerProcess

ROOT = Path(__file__).resolve().parents[1]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def database_url(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _template_name() -> str:
    digest = hashlib.blake2s(digest_size=6)
    for path in sorted(ROOT.glob("*/migrations/*.py")) + [ROOT / "foundation" / "walls.py"]:
        digest.update(path.read_bytes())
    return f"kontor_template_{digest.hexdigest()}"


def make_template(superuser_url: str) -> str:
    """A migrated, granted, empty database to clone; made once for all workers."""
    name = _template_name()
    lock = Path(tempfile.gettempdir()) / f"{name}.lock"
    with lock.open("w") as file, psycopg.connect(superuser_url, autocommit=True) as server:
        fcntl.flock(file, fcntl.LOCK_EX)
        found = server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
        if found is None:
            _migrate(server, name)
    return name


def _migrate(server: psycopg.Connection, name: str) -> None:
    owner_url = os.environ["KONTOR_OWNER_DATABASE_URL"]
    draft = f"{name}_draft"
    owner = sql.Identifier(urlsplit(owner_url).username or "")
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
    server.execute(
        sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(draft), owner)
    )
    env = os.environ | {
        "KONTOR_ROLE": "owner",
        "KONTOR_OWNER_DATABASE_URL": database_url(owner_url, draft),
    }
    for word in ("migrate", "grant_roles"):
        subprocess.run(
            [sys.executable, "manage.py", word], cwd=ROOT, env=env, check=True, capture_output=True
        )
    server.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(draft), sql.Identifier(name)
        )
    )


def clone_database(superuser_url: str, name: str) -> None:
    """A fresh database `name` from the template."""
    template = make_template(superuser_url)
    with psycopg.connect(superuser_url, autocommit=True) as server:
        new = sql.Identifier(name)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, sql.Identifier(template))
        )


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
    with django_db_blocker.unblock():
        yield name
    connections["default"].close()
    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


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
