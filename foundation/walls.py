"""Walls 2 and 3 as migration steps: row-level security, composite keys, append-only tables."""

from collections.abc import Mapping

from django.db import migrations

ACCOUNT = "NULLIF(current_setting('app.account', true), '')::uuid"
"""The transaction's account in SQL; unset means NULL, and NULL equals nothing: zero rows."""

APPEND_ONLY_FUNCTION = """
CREATE FUNCTION kontor_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""


def policy(table: str, predicate: str = f"account_id = {ACCOUNT}") -> str:
    """Row-level security on `table`, for its owner too."""
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n"
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
        f"CREATE POLICY account_wall ON {table} USING ({predicate}) WITH CHECK ({predicate});\n"
    )


def parent_key(table: str, column: str, parent: str) -> str:
    """Wall 3: the row and its parent are of the same account, or the row cannot be."""
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_wall "
        f"FOREIGN KEY (account_id, {column}) REFERENCES {parent} (account_id, id) "
        "DEFERRABLE INITIALLY DEFERRED;\n"
    )


def append_only(table: str) -> str:
    """Neither UPDATE nor DELETE, whoever asks."""
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION kontor_append_only();\n"
    )


def tenant_table(
    table: str,
    *,
    parents: Mapping[str, str] | None = None,
    root: bool = True,
    frozen: bool = False,
) -> migrations.RunSQL:
    """The walls of one table: primary key (account, id), policy, keys to its parents.

    A table without parents gets a plain key to the account; one with parents is tied to it
    through them, which costs one check a row instead of two. `root=False` is for a table whose
    parent comes with a later migration of a higher app.
    """
    sql = (
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey;\n"
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (account_id, id);\n"
    )
    for column, parent in (parents or {}).items():
        sql += parent_key(table, column, parent)
    if root and not parents:
        sql += (
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_account_wall FOREIGN KEY (account_id) "
            "REFERENCES accounts_account (id) DEFERRABLE INITIALLY DEFERRED;\n"
        )
    sql += policy(table)
    if frozen:
        sql += append_only(table)
    return migrations.RunSQL(sql, migrations.RunSQL.noop)


def lifecycle(table: str, *pairs: tuple[str, str]) -> str:
    """The column `state` moves from old to new only along `pairs`."""
    listed = ", ".join(f"('{old}', '{new}')" for old, new in pairs)
    return f"""
CREATE FUNCTION {table}_lifecycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN ({listed}) THEN
        RAISE EXCEPTION '{table}: no way from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {table}_lifecycle BEFORE UPDATE OF state ON {table} FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION {table}_lifecycle();
"""


def frozen_columns(table: str, *columns: str) -> str:
    """These columns keep their first value, and no row is deleted."""
    old = ", ".join(f"OLD.{column}" for column in columns)
    new = ", ".join(f"NEW.{column}" for column in columns)
    return (
        f"CREATE TRIGGER {table}_frozen_columns BEFORE UPDATE OF {', '.join(columns)} ON {table} "
        "FOR EACH ROW "
        f"WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION kontor_append_only();\n"
        f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION kontor_append_only();\n"
    )
