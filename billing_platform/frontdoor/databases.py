"""Databases for tests and benchmarks: migrated once into a template, then cloned."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]


def database_url(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def make_template(superuser_url: str) -> str:
    """A migrated, granted, empty database to clone; made once for all who ask at once."""
    name = _template_name()
    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        found = server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
        if found is None:
            _migrate(server, name)
    return name


def clone_database(superuser_url: str, name: str, template: str | None = None) -> None:
    """A fresh database `name` from the template."""
    source = template or make_template(superuser_url)
    drop_database(superuser_url, name)
    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                sql.Identifier(name), _owner(), sql.Identifier(source)
            )
        )


def drop_database(superuser_url: str, name: str) -> None:
    """Gone, whoever is still connected to it."""
    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _template_name() -> str:
    digest = hashlib.blake2s(digest_size=6)
    for path in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "foundation" / "walls.py"]:
        digest.update(path.read_bytes())
    return f"kontor_template_{digest.hexdigest()}"


def _owner() -> sql.Identifier:
    """A clone has the owner of its template, or the owner's functions may do less in it."""
    return sql.Identifier(urlsplit(os.environ["KONTOR_OWNER_DATABASE_URL"]).username or "")


def _migrate(server: psycopg.Connection, name: str) -> None:
    owner_url = os.environ["KONTOR_OWNER_DATABASE_URL"]
    draft = sql.Identifier(f"{name}_draft")
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(draft))
    server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(draft, _owner()))
    env = os.environ | {
        "KONTOR_ROLE": "owner",
        "KONTOR_OWNER_DATABASE_URL": database_url(owner_url, f"{name}_draft"),
    }
    for word in ("migrate", "grant_roles"):
        subprocess.run(
            [sys.executable, "manage.py", word], cwd=ROOT, env=env, check=True, capture_output=True
        )
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(draft, sql.Identifier(name)))
