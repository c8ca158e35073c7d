"""What the application's role may, and the start-up check that names every open wall."""

import os
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import Error, connection
from psycopg import sql

from billing_platform.frontdoor.databases import clone_database, database_url, drop_database
from foundation import roles
from foundation.tenancy import GLOBAL_TABLES
from tests.conftest import WORKER
from tests.foundation.furnished import connected_as, tenant_models

APP = "kontor_app"
OWN_ID = "(NULLIF(current_setting('app.account'::text, true), ''::text))::uuid"
TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""


def asked(owner, question, *values):
    return [row[0] if len(row) == 1 else row for row in owner.execute(question, values)]


# What the catalogue says of the database as it is migrated.


def test_nothing_stands_open_as_the_application_finds_it():
    assert roles.faults() == []
    roles.refuse_open_walls()


def test_every_table_of_an_account_has_exactly_the_account_wall_and_forces_it(owner):
    found = {
        table: rest
        for table, *rest in owner.execute(
            """
            SELECT relname, relrowsecurity, relforcerowsecurity, array_agg(polname::text),
                   bool_and(polpermissive AND polcmd = '*' AND polroles = '{0}'),
                   min(pg_get_expr(polqual, c.oid)), min(pg_get_expr(polwithcheck, c.oid))
            FROM pg_class AS c LEFT JOIN pg_policy ON polrelid = c.oid
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
              AND NOT relispartition GROUP BY c.oid
            """
        )
        if table not in GLOBAL_TABLES
    }
    wall = f"(account_id = {OWN_ID})"
    expected = {
        table: [True, True, ["account_wall"], True, wall, wall] for table in tenant_models()
    }
    account = f"(id = {OWN_ID})"
    expected["accounts_account"] = [True, True, ["account_wall"], True, account, account]
    organisation = found.pop("accounts_organisation")
    assert organisation[:4] == [True, True, ["account_wall"], True]
    assert organisation[5] == f"({OWN_ID} IS NOT NULL)"

    assert found == expected


def test_the_account_is_never_null_and_every_unique_key_and_index_begins_with_it(owner):
    owner_of_rows = {"accounts_account", "accounts_organisation", *GLOBAL_TABLES}
    strays = owner.execute(
        """
        SELECT t.relname, i.relname, a.attname, a.attnotnull
        FROM pg_index JOIN pg_class AS t ON t.oid = indrelid
        JOIN pg_class AS i ON i.oid = indexrelid
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = indkey[0]
        WHERE t.relnamespace = 'public'::regnamespace AND NOT t.relispartition
          AND NOT (a.attname = 'account_id' AND a.attnotnull)
        """
    )
    assert [row for row in strays if row[0] not in owner_of_rows] == []


def test_no_unique_key_of_an_account_can_be_passed_by_leaving_a_column_empty(owner):
    """NULL equals nothing, so a unique key with an empty column lets the same twice."""
    holes = asked(
        owner,
        """
        SELECT i.relname FROM pg_index JOIN pg_class AS t ON t.oid = indrelid
        JOIN pg_class AS i ON i.oid = indexrelid
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = ANY(indkey)
        WHERE t.relnamespace = 'public'::regnamespace AND indisunique AND NOT a.attnotnull
          AND NOT indnullsnotdistinct
          AND NOT COALESCE(pg_get_expr(indpred, indrelid), '') ~
              ('\\(' || a.attname || ' IS NOT NULL\\)|NOT \\(' || a.attname || ' IS NULL\\)')
        """,
    )
    assert holes == []


def test_the_application_has_the_four_rights_at_most_and_two_on_what_only_grows(owner):
    rights = {
        table: set(granted)
        for table, granted in owner.execute(
            """
            SELECT c.relname, array_agg(privilege_type::text) FROM pg_class AS c,
                aclexplode(relacl) WHERE relnamespace = 'public'::regnamespace
                AND grantee = %s::regrole AND relkind IN ('r', 'p') GROUP BY c.relname
            """,
            [APP],
        )
    }
    frozen = asked(
        owner,
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname "
        "LIKE '%%_append_only' AND tgparentid = 0",
    )
    assert {
        "ledger_journalentry",
        "ledger_journalposting",
        "invoicing_document",
        "invoicing_documentline",
        "foundation_outboxevent",
        "catalog_planversion",
        "customers_customerversion",
        "accounts_accountversion",
        "subscriptions_billingperiod",
    } <= set(frozen)
    usual = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    expected = dict.fromkeys(asked(owner, TABLES), usual)
    expected |= {table: {"SELECT", "INSERT"} for table in frozen}
    expected["django_migrations"] = {"SELECT"}

    assert rights == expected


def test_the_application_owns_nothing_and_there_is_no_view(owner):
    lasting = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND "
    assert asked(owner, f"{lasting} relowner = %s::regrole", APP) == []
    assert asked(owner, "SELECT proname FROM pg_proc WHERE proowner = %s::regrole", APP) == []
    assert asked(owner, f"{lasting} relkind IN ('v', 'm', 'f')") == []


def test_the_owners_own_rights_are_lent_by_two_functions_with_a_fixed_search_path(owner):
    """A function that acts as the owner must not find a stranger's temporary table first."""
    lent = owner.execute(
        "SELECT proname, proconfig FROM pg_proc WHERE prosecdef "
        "AND pronamespace = 'public'::regnamespace ORDER BY proname"
    ).fetchall()
    assert [name for name, _ in lent] == ["kontor_outbox_partition", "kontor_refresh_statistics"]
    assert all("search_path=pg_catalog, public, pg_temp" in config for _, config in lent)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE ledger_journalposting CASCADE",
        "TRUNCATE customers_customer CASCADE",
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "DROP TABLE customers_customer",
        "ALTER TABLE customers_customer DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE customers_customer NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY account_wall ON customers_customer",
        "CREATE POLICY mine ON customers_customer USING (true)",
        "ALTER TABLE ledger_journalentry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SET ROLE kontor_owner",
        "SELECT * FROM foundation_outboxevent_rest",
        "COPY customers_customer TO PROGRAM 'cat'",
        "CREATE EXTENSION dblink",
    ],
)
def test_the_application_cannot(statement):
    with pytest.raises(Error, match=r"permission denied|must be owner"):
        connection.cursor().execute(statement)


def test_the_application_cannot_turn_the_policies_off_for_itself(two_accounts):
    """`row_security = off` makes PostgreSQL refuse the question, not answer it in full."""
    with connection.cursor() as cursor:
        cursor.execute("SET row_security = off")
        try:
            with pytest.raises(Error, match="would be affected by row-level security"):
                cursor.execute("SELECT * FROM customers_customer")
        finally:
            cursor.execute("SET row_security = on")


# Each wall opened in a database of its own: the check names it.


@pytest.fixture(scope="module")
def ruin(superuser_url, database):
    """A database to break, and a superuser's connection into it."""
    name = f"ruin_{WORKER}_{os.getpid()}"
    clone_database(superuser_url, name)
    with psycopg.connect(database_url(superuser_url, name), autocommit=True) as connection_:
        yield connection_
    drop_database(superuser_url, name)


@pytest.fixture(scope="module")
def ruined_role(superuser_url):
    """A role like the application's, but one that may be broken."""
    name = f"ruined_{WORKER}_{os.getpid()}"
    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'ruined' IN ROLE {APP}")
        yield name
        with suppress(psycopg.Error):
            server.execute(f"DROP ROLE {name}")


def faults_in(ruin, user: str | None = None) -> list[str]:
    url = database_url(os.environ["KONTOR_APP_DATABASE_URL"], ruin.info.dbname)
    if user:
        parts = urlsplit(url)
        url = urlunsplit(parts._replace(netloc=f"{user}:ruined@{parts.netloc.rpartition('@')[2]}"))
    with connected_as(url):
        found = roles.faults()
        if found:
            with pytest.raises(roles.OpenWall, match=r"\./kontor migrate"):
                roles.refuse_open_walls()
        return found


@pytest.mark.parametrize(
    ("opening", "closing", "fault"),
    [
        (
            "ALTER TABLE customers_customer DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE customers_customer ENABLE ROW LEVEL SECURITY",
            "no forced row-level security on customers_customer",
        ),
        (
            "ALTER TABLE customers_customer NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE customers_customer FORCE ROW LEVEL SECURITY",
            "no forced row-level security on customers_customer",
        ),
        (
            "CREATE POLICY loose ON customers_customer USING (true)",
            "DROP POLICY loose ON customers_customer",
            "a policy besides the account wall on customers_customer",
        ),
        (
            "ALTER POLICY account_wall ON customers_customer USING (true)",
            f"ALTER POLICY account_wall ON customers_customer USING (account_id = {OWN_ID})",
            "a policy besides the account wall on customers_customer",
        ),
        (
            f"GRANT TRUNCATE ON customers_customer TO {APP}",
            f"REVOKE TRUNCATE ON customers_customer FROM {APP}",
            "the application role may truncate customers_customer",
        ),
        (
            f"GRANT CREATE ON SCHEMA public TO {APP}",
            f"REVOKE CREATE ON SCHEMA public FROM {APP}",
            "the application role may create tables",
        ),
        (
            f"ALTER TABLE customers_customer OWNER TO {APP}",
            "ALTER TABLE customers_customer OWNER TO kontor_owner",
            "the application role owns customers_customer",
        ),
        (
            f"GRANT SELECT ON foundation_outboxevent_rest TO {APP}",
            f"REVOKE SELECT ON foundation_outboxevent_rest FROM {APP}",
            "the application role reaches the partition foundation_outboxevent_rest",
        ),
        (
            (
                "CREATE VIEW everything AS SELECT * FROM customers_customer; "
                f"GRANT SELECT ON everything TO {APP}"
            ),
            "DROP VIEW everything",
            "the application role reads past the walls through everything",
        ),
    ],
)
def test_an_open_wall_is_named_and_nothing_starts(ruin, opening, closing, fault):
    assert faults_in(ruin) == []
    ruin.execute(opening)
    try:
        assert fault in faults_in(ruin)
    finally:
        ruin.execute(closing)


def test_a_table_that_no_migration_walled_in_is_named(ruin):
    ruin.execute("CREATE TABLE forgotten (account_id uuid)")
    try:
        assert faults_in(ruin) == [
            "no forced row-level security on forgotten",
            "no policy with USING and WITH CHECK on forgotten",
        ]
    finally:
        ruin.execute("DROP TABLE forgotten")


def test_a_view_that_asks_with_the_readers_own_rights_is_no_fault(ruin):
    ruin.execute(
        "CREATE VIEW honest WITH (security_invoker = true) AS SELECT * FROM customers_customer; "
        f"GRANT SELECT ON honest TO {APP}"
    )
    try:
        assert faults_in(ruin) == []
    finally:
        ruin.execute("DROP VIEW honest")


@pytest.mark.parametrize(
    ("attribute", "fault"),
    [
        ("BYPASSRLS", "the application role has BYPASSRLS"),
        ("SUPERUSER", "the application role is a superuser"),
        ("CREATEROLE", "the application role may make roles or replicate"),
        ("REPLICATION", "the application role may make roles or replicate"),
    ],
)
def test_a_role_that_no_policy_binds_is_named(ruin, ruined_role, attribute, fault):
    assert faults_in(ruin, ruined_role) == []
    ruin.execute(f"ALTER ROLE {ruined_role} {attribute}")
    try:
        assert fault in faults_in(ruin, ruined_role)
    finally:
        ruin.execute(f"ALTER ROLE {ruined_role} NO{attribute}")


def test_a_role_that_can_become_the_owner_is_named(ruin, ruined_role):
    ruin.execute(sql.SQL("GRANT kontor_owner TO {}").format(sql.Identifier(ruined_role)))
    try:
        assert "the application role owns ledger_journalentry" in faults_in(ruin, ruined_role)
    finally:
        ruin.execute(sql.SQL("REVOKE kontor_owner FROM {}").format(sql.Identifier(ruined_role)))
