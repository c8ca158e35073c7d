"""Tables as PostgreSQL knows them: whatever a migration forgot, the catalogue tells."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from foundation.tenancy import GLOBAL_TABLES, TenantModel

OWN_POLICY = {"accounts_organisation", "accounts_account"}
"""Tables inside the walls that have no column `account_id`: the account itself is the row."""

WITHOUT_PARENT = {
    "subject_id": "a thing of any kind",
    "batch_id": "the transaction that wrote it, which is no row",
}
"""Columns of accounts' tables that refer to no parent row, each with the reason."""

TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""
PRIMARY_KEYS = """
SELECT c.conrelid::regclass::text, array_agg(a.attname ORDER BY k.n)
FROM pg_constraint AS c
CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS k(number, n)
JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number
WHERE c.contype = %s AND c.connamespace = 'public'::regnamespace GROUP BY c.oid
"""


def tenant_tables() -> dict[str, type[models.Model]]:
    return {
        each._meta.db_table: each for each in apps.get_models() if issubclass(each, TenantModel)
    }


def asked(question: str, *values: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values or None)
        return list(cursor.fetchall())


def keyed(kind: str) -> list[tuple[str, list[str]]]:
    """Tables with the columns of their constraints of a kind: p for primary, f for foreign."""
    return [(table, list(columns)) for table, columns in asked(PRIMARY_KEYS, kind)]


def test_every_table_is_inside_the_walls_or_listed_with_its_reason():
    found = {table for (table,) in asked(TABLES)}

    assert found == {*tenant_tables(), *OWN_POLICY, *GLOBAL_TABLES}
    assert all(GLOBAL_TABLES.values())


@pytest.mark.parametrize("table", sorted(tenant_tables()))
def test_the_primary_key_begins_with_the_account(table):
    (columns,) = [columns for name, columns in keyed("p") if name == table]

    # PostgreSQL wants the column that a table is partitioned by in every key.
    assert columns == ["account_id", "id"] + (["created_at"] if "outboxevent" in table else [])


@pytest.mark.parametrize("table", sorted(tenant_tables()))
def test_every_reference_is_tied_to_its_parent_within_the_account(table):
    fields = {each.attname: each for each in tenant_tables()[table]._meta.concrete_fields}
    referring = {
        name
        for name, field in fields.items()
        if name.endswith("_id")
        and name not in {"account_id", *WITHOUT_PARENT}
        and isinstance(field, models.UUIDField | models.ForeignKey)
    }
    tied = {
        columns[1]
        for name, columns in keyed("f")
        if name == table and columns[0] == "account_id"
        if len(columns) == 2
    }

    assert referring == tied


@pytest.mark.parametrize("table", sorted(tenant_tables()))
def test_a_relation_is_not_walked_backwards_and_its_key_is_the_walls(table):
    for field in tenant_tables()[table]._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            assert field.remote_field.related_name == "+", field
            # Its key is written by foundation.walls, together with the account.
            assert field.deconstruct()[3]["db_constraint"] is False, field


def test_a_forgotten_wall_would_be_seen(owner):
    """The catalogue's own sentence: a table that no migration has walled in."""
    owner.execute("CREATE TABLE subscriptions_forgotten (id uuid PRIMARY KEY, account_id uuid)")
    try:
        found = {table for (table,) in asked(TABLES)}
        assert found - {*tenant_tables(), *OWN_POLICY, *GLOBAL_TABLES} == {
            "subscriptions_forgotten"
        }
        assert ("subscriptions_forgotten", ["id"]) in keyed("p")
    finally:
        owner.execute("DROP TABLE subscriptions_forgotten")
