"""Many rows in one statement, under the account's policy.

PostgreSQL refuses COPY to a role that is subject to row-level security, so rows are copied into
a temporary table of the session and inserted from there: the policy judges every one of them.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2s
from typing import Any

from django.db import connection, models
from psycopg import sql

from foundation.tenancy import current_scope


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert `rows` (values in the order of `columns`, which includes account_id).

    Columns left out get the database's default, an identity its next number. One statement:
    statement triggers see all rows at once.
    """
    current_scope()
    table = model._meta.db_table
    digest = blake2s(",".join(columns).encode(), digest_size=4).hexdigest()
    names = {
        "stage": sql.Identifier(f"stage_{digest}_{table}"),
        "table": sql.Identifier(table),
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS "
                "AS SELECT {columns} FROM {table} WITH NO DATA"
            ).format(**names)
        )
        with cursor.copy(sql.SQL("COPY {stage} ({columns}) FROM STDIN").format(**names)) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            sql.SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM {stage}").format(**names)
        )
        cursor.execute(sql.SQL("TRUNCATE {stage}").format(**names))
