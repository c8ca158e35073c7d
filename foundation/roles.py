"""The application's database role: what it may, and the check that refuses to start otherwise."""

from django.conf import settings
from django.db import connection
from psycopg import sql

from foundation.tenancy import GLOBAL_TABLES

READ_ONLY = ("django_migrations",)


class OpenWall(RuntimeError):
    """The database would let one account see another: nothing may start."""


def grant() -> None:
    """Give the application's role exactly its rights; run as the owner after every migration.

    Append-only tables (those with the trigger) get SELECT and INSERT; nothing gets TRUNCATE, and
    partitions are reached through their parent alone.
    """
    role = sql.Identifier(settings.APP_ROLE)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid
                                      AND t.tgname = c.relname || '_append_only'), c.relispartition
            FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
              AND c.relkind IN ('r', 'p')
            """
        )
        for table, is_frozen, is_partition in cursor.fetchall():
            name = sql.Identifier(table)
            cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(name, role))
            if is_partition:
                continue
            rights = _rights(table, is_frozen=is_frozen)
            cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), name, role))
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))


def _rights(table: str, *, is_frozen: bool) -> str:
    if table in READ_ONLY:
        return "SELECT"
    return "SELECT, INSERT" if is_frozen else "SELECT, INSERT, UPDATE, DELETE"


ROLE_FAULTS = """
SELECT 'the application role is a superuser' WHERE EXISTS
    (SELECT FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER') AND rolsuper)
UNION ALL SELECT 'the application role has BYPASSRLS' WHERE EXISTS
    (SELECT FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER') AND rolbypassrls)
UNION ALL SELECT 'the application role may make roles or replicate' WHERE EXISTS
    (SELECT FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')
       AND (rolcreaterole OR rolreplication))
UNION ALL SELECT 'the application role owns ' || relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND pg_has_role(current_user, relowner, 'MEMBER')
UNION ALL SELECT 'the application role may create tables'
    WHERE has_schema_privilege(current_user, 'public', 'CREATE')
UNION ALL SELECT 'the application role may create schemas'
    WHERE has_database_privilege(current_user, current_database(), 'CREATE')
UNION ALL SELECT 'the application role may truncate ' || relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      AND has_table_privilege(current_user, oid, 'TRUNCATE')
"""

TABLE_FAULTS = """
SELECT 'no forced row-level security on ' || relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND NOT (relrowsecurity AND relforcerowsecurity) AND NOT relname = ANY(%(open)s)
UNION ALL SELECT 'no policy with USING and WITH CHECK on ' || relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND NOT relname = ANY(%(open)s) AND NOT EXISTS (SELECT FROM pg_policy
          WHERE polrelid = pg_class.oid AND polqual IS NOT NULL AND polwithcheck IS NOT NULL)
UNION ALL SELECT 'a policy besides the account wall on ' || relname FROM pg_class
    JOIN pg_policy ON polrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND polpermissive AND NOT (
        polname = 'account_wall'
        AND pg_get_expr(polqual, polrelid) LIKE '%%app.account%%'
        AND pg_get_expr(polwithcheck, polrelid) LIKE '%%app.account%%')
UNION ALL SELECT 'the application role reaches the partition ' || relname FROM pg_class
    WHERE relispartition AND relnamespace = 'public'::regnamespace AND relkind = 'r'
      AND has_table_privilege(current_user, oid, 'SELECT, INSERT, UPDATE, DELETE')
UNION ALL SELECT 'the application role reads past the walls through ' || relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')
      AND has_table_privilege(current_user, oid, 'SELECT, INSERT, UPDATE, DELETE')
      AND NOT (relkind = 'v' AND COALESCE(reloptions, '{}') && ARRAY['security_invoker=true'])
"""


def faults() -> list[str]:
    """Every way in which the walls do not stand for the present connection's role."""
    with connection.cursor() as cursor:
        cursor.execute(ROLE_FAULTS)
        found = [row[0] for row in cursor.fetchall()]
        cursor.execute(TABLE_FAULTS, {"open": list(GLOBAL_TABLES)})
        return found + [row[0] for row in cursor.fetchall()]


def refuse_open_walls() -> None:
    """Raises `OpenWall` unless all walls stand; every process calls it before it works."""
    found = faults()
    if found:
        raise OpenWall(
            "The account walls do not stand: "
            + "; ".join(found)
            + ". Run `./kontor migrate` as the owner, and connect as the application's role."
        )
