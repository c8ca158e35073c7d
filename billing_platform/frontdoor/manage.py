"""Django's words, with the servers they need around them."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg

from billing_platform.frontdoor.environment import with_callbacks
from billing_platform.frontdoor.paths import CLONE, home
from billing_platform.frontdoor.processes import run
from billing_platform.frontdoor.say import Trouble, step
from billing_platform.frontdoor.servers import Servers, Wanted, served_url, shared_servers

# These look at the database as its owner, and must see it before any migration.
OWNERS = {
    "check",
    "dbshell",
    "makemigrations",
    "migrate",
    "optimizemigration",
    "showmigrations",
    "sqlmigrate",
    "squashmigrations",
}
LOCK_NUMBER = 5_064_001


def manage(arguments: Sequence[str]) -> int:
    """Run one management command; hyphens in its name are as good as underscores."""
    word, rest = arguments[0].replace("-", "_"), arguments[1:]
    owners = word in OWNERS
    state = home()
    wanted = Wanted(valkey=not owners, acquirer=not owners, public_url=served_url(state))
    with shared_servers(state, wanted) as servers:
        env = servers.env()
        if state.served_url.exists():
            env = with_callbacks(env, served_url(state))
        if not owners:
            migrate(servers, env)
        elif env["KONTOR_OWNER_DATABASE_URL"]:
            env["KONTOR_ROLE"] = "owner"
        return run_django(env, word, *rest)


def migrate_alone(arguments: Sequence[str]) -> int:
    """`./kontor migrate`: Django's, under a lock, with the grants that must follow it."""
    with shared_servers(home(), Wanted(valkey=False, acquirer=False)) as servers:
        env = servers.env()
        if not env["KONTOR_OWNER_DATABASE_URL"]:
            raise Trouble("DATABASE_URL must name the owner's connection to migrate.")
        return migrate_under_lock(env, *arguments)


def migrate(servers: Servers, env: Mapping[str, str]) -> None:
    """Migrate when the migrations on disk are not those that this database saw last."""
    if not env["KONTOR_OWNER_DATABASE_URL"]:
        # Here only the application's role is known: somebody else migrates.
        return
    memory = servers.home.postgres / "migrated"
    shape = fingerprint(CLONE) if servers.postgres else None
    if shape and memory.exists() and memory.read_text() == shape:
        return
    with step("migrating the database"):
        if migrate_under_lock(env, "--verbosity=0") != 0:
            raise Trouble("the database could not be migrated; see the lines above.")
    if shape:
        memory.write_text(shape)


def migrate_under_lock(env: Mapping[str, str], *arguments: str) -> int:
    """As the owner; two that start at once migrate one after the other."""
    with psycopg.connect(env["KONTOR_OWNER_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK_NUMBER])
        as_owner = {**env, "KONTOR_ROLE": "owner"}
        return run_django(as_owner, "migrate", *arguments) or run_django(as_owner, "grant_roles")


def run_django(env: Mapping[str, str], *arguments: str) -> int:
    return run([sys.executable, "manage.py", *arguments], env=env)


def fingerprint(clone: Path) -> str:
    """Names and contents of all migrations of ours."""
    digest = hashlib.sha256()
    for path in sorted(clone.glob("*/migrations/*.py")):
        digest.update(str(path.relative_to(clone)).encode() + b"\0" + path.read_bytes())
    for path in sorted(clone.glob("*/roles.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
