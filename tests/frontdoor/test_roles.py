"""A database server that is not ours: another state folder's server plays it."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from billing_platform.frontdoor import role_check, roles
from billing_platform.frontdoor.say import Trouble
from billing_platform.frontdoor.servers import Servers, Wanted, throwaway_servers


@dataclass
class Outside:
    """The server, and the connection of an owner who may make roles but is no superuser."""

    superuser: str
    owner: str


@pytest.fixture
def outside(home) -> Iterator[Outside]:
    with throwaway_servers(durable=False) as env:
        superuser = env["KONTOR_TEST_SUPERUSER_URL"]
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("CREATE ROLE theirs LOGIN CREATEROLE PASSWORD 'p@ss'")
            connection.execute("CREATE DATABASE billing OWNER theirs")
            connection.execute("DROP OWNED BY kontor_app")
            connection.execute("REVOKE ALL ON DATABASE kontor FROM kontor_app")
            connection.execute("ALTER ROLE kontor_app RENAME TO somebody_else")
        owner = roles.with_login(roles.with_path(superuser, "billing"), "theirs", "p@ss")
        yield Outside(superuser, owner)


def test_the_application_s_role_is_made_in_the_server_that_database_url_names(
    outside, home, monkeypatch
):
    monkeypatch.setenv("DATABASE_URL", outside.owner)
    servers = Servers(home, Wanted(valkey=False, acquirer=False))
    env = servers.env()

    assert servers.parts() == []
    assert env["KONTOR_OWNER_DATABASE_URL"] == outside.owner
    with psycopg.connect(env["KONTOR_APP_DATABASE_URL"]) as connection:
        told = connection.execute("SELECT current_user, current_database()").fetchone()
    assert told == ("kontor_app", "billing")
    assert role_check.look(home)[1]


def test_a_password_of_the_role_follows_the_secret(outside):
    roles.make_app_role(outside.owner, app_password="the old one")
    roles.make_app_role(outside.owner, app_password="the new/one")

    with psycopg.connect(roles.with_login(outside.owner, roles.APP, "the new/one")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_owner_who_may_not_make_roles_is_told_what_to_run(outside):
    with psycopg.connect(outside.superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER ROLE theirs NOCREATEROLE"))

    with pytest.raises(
        Trouble, match=r"(?s)may not make the role kontor_app.*CREATE ROLE kontor_app"
    ):
        roles.make_app_role(outside.owner, app_password="secret")


def test_an_owner_s_connection_that_does_not_answer_is_said_so():
    with pytest.raises(Trouble, match="the database of DATABASE_URL does not answer"):
        roles.make_app_role("postgresql://x:y@127.0.0.1:9/z", app_password="secret")


def test_with_the_application_s_connection_alone_nothing_is_made(home, monkeypatch):
    url = "postgresql://kontor_app:secret@db.example/kontor"
    monkeypatch.setenv("KONTOR_DATABASE_APP_URL", url)

    env = Servers(home, Wanted(valkey=False, acquirer=False)).env()

    assert (env["KONTOR_APP_DATABASE_URL"], env["KONTOR_OWNER_DATABASE_URL"]) == (url, "")
