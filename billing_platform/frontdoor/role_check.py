"""Whether the application's database role is as harmless as it must be."""

import os

import psycopg

from billing_platform.frontdoor import ports, roles, secrets
from billing_platform.frontdoor.paths import Home

QUESTION = """
SELECT rolsuper, rolbypassrls, has_schema_privilege('public', 'CREATE'),
       EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind IN ('r', 'p'))
FROM pg_roles WHERE rolname = current_user
"""
FAULTS = ("is a superuser", "passes row-level security", "may make tables", "owns tables")


def look(state: Home) -> tuple[str, bool]:
    """What to show, and whether it is well."""
    try:
        with psycopg.connect(_url(state), connect_timeout=3) as connection:
            row = connection.execute(QUESTION).fetchone()
    except psycopg.OperationalError as problem:
        return f"{roles.APP} cannot connect: {problem}", False
    faults = [fault for fault, found in zip(FAULTS, row or (), strict=True) if found]
    if faults:
        return f"{roles.APP} {', '.join(faults)}", False
    return f"{roles.APP} is no superuser, owns nothing, is bound by row-level security", True


def _url(state: Home) -> str:
    named = os.environ.get("KONTOR_DATABASE_APP_URL")
    if named:
        return named
    password = secrets.load(state.secrets)["KONTOR_PG_APP_PASSWORD"]
    owner = os.environ.get("DATABASE_URL")
    if owner:
        return roles.with_login(owner, roles.APP, password)
    port = ports.known(state.ports)["postgres"]
    return f"postgresql://{roles.APP}:{password}@127.0.0.1:{port}/{roles.DATABASE}"
