"""The database and its two roles: the owner, who migrates, and the application, which may not.

Row-level security holds only for a role that neither owns the tables nor may pass by it.
"""

from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from billing_platform.frontdoor.say import Trouble

OWNER = "kontor_owner"
APP = "kontor_app"
DATABASE = "kontor"
LOCK_NUMBER = 5_064_002
HARMLESS = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION")


def make_embedded(superuser_url: str, *, owner_password: str, app_password: str) -> None:
    """Make database and roles in a cluster of our own, and set their passwords; safe to repeat."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        _make_role(connection, OWNER, owner_password)
        _make_role(connection, APP, app_password)
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)
                )
            )
    with psycopg.connect(with_path(superuser_url, DATABASE), autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
        _open_database(connection, DATABASE)


def make_app_role(owner_url: str, *, app_password: str) -> str:
    """Make the application's role in a server that is not ours; returns its connection URL."""
    database = urlsplit(owner_url).path.lstrip("/")
    try:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            # Several machines may start at once; until this connection ends they wait here.
            connection.execute("SELECT pg_advisory_lock(%s)", [LOCK_NUMBER])
            _make_role(connection, APP, app_password)
            _open_database(connection, database)
    except psycopg.errors.InsufficientPrivilege as refusal:
        raise Trouble(
            f"the role of DATABASE_URL may not make the role {APP} ({refusal}). Let an "
            f"administrator run: CREATE ROLE {APP} LOGIN PASSWORD '…'; GRANT CONNECT, TEMPORARY "
            f"ON DATABASE {database} TO {APP}; and set KONTOR_DATABASE_APP_URL."
        ) from refusal
    except psycopg.OperationalError as refusal:
        raise Trouble(f"the database of DATABASE_URL does not answer: {refusal}") from refusal
    return with_login(owner_url, APP, app_password)


def with_login(url: str, role: str, password: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    login = f"{quote(role, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{place}"))


def with_path(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database, safe='')}"))


def _make_role(connection: psycopg.Connection, role: str, password: str) -> None:
    known = _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role)
    verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
    # An altered role is not told its attributes again: only a superuser may name some of them.
    nature = sql.SQL("") if known else HARMLESS
    connection.execute(
        sql.SQL("{} {} {} PASSWORD {}").format(
            verb, sql.Identifier(role), nature, sql.Literal(password)
        )
    )


def _open_database(connection: psycopg.Connection, database: str) -> None:
    """Let the application connect, use temporary tables and the schema, and make nothing."""
    names = {"database": sql.Identifier(database), "app": sql.Identifier(APP)}
    for grant in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {app}",
    ):
        connection.execute(sql.SQL(grant).format(**names))


def _exists(connection: psycopg.Connection, question: str, name: str) -> bool:
    return connection.execute(question, [name]).fetchone() is not None
