"""The physical limit: COPY of the very rows that a run left, into tables like its own.

Same columns, indexes and foreign keys, same batches and commits, plus the one UPDATE; no
policy, no trigger, no thinking, and the rows ready as bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from psycopg import sql

from billing_platform.frontdoor.databases import database_url

IDENTITY = frozenset(
    {
        "subscriptions_billingperiod",
        "invoicing_documentline",
        "ledger_journalposting",
        "foundation_dispatch",
        "foundation_dueitem",
    }
)
TABLES = (
    "subscriptions_billingperiod",
    "invoicing_invoice",
    "invoicing_documentline",
    "ledger_journalentry",
    "ledger_journalposting",
    "invoicing_document",
    "foundation_outboxevent",
    "foundation_dispatch",
    "foundation_dueitem",
)
SUBSCRIPTIONS = "subscriptions_subscription"
UPDATE = """
UPDATE {schema}.subscriptions_subscription AS subscription
SET period_count = new.period_count, next_start = new.next_start, due_at = new.due_at
FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::timestamptz[])
    AS new(id, period_count, next_start, due_at)
WHERE subscription.account_id = %s AND subscription.id = new.id
"""


@dataclass
class Batch:
    """One transaction's rows: per table the bytes of a COPY, and the subscriptions moved on."""

    account_id: UUID
    copies: dict[str, bytes] = field(default_factory=dict)
    moved: tuple[list[object], ...] = field(default_factory=lambda: ([], [], [], []))


def columns_of(connection: psycopg.Connection, table: str) -> list[str]:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "AND NOT attisdropped ORDER BY attnum",
        [f"public.{table}"],
    )
    return [name for (name,) in rows if not (name == "id" and table in IDENTITY)]


def capture(url: str) -> list[Batch]:
    """The batches of a finished run, in order, told apart by the transaction that wrote them."""
    batches: dict[int, Batch] = {}
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT DISTINCT xmin::text::bigint AS tx, account_id "
            "FROM subscriptions_billingperiod ORDER BY tx"
        )
        for tx, account_id in rows:
            batches[tx] = Batch(account_id)
        for table in TABLES:
            _capture_table(connection, table, batches)
        moved = connection.execute(
            "SELECT p.xmin::text::bigint, s.id, s.period_count, s.next_start, s.due_at "
            "FROM subscriptions_subscription AS s JOIN subscriptions_billingperiod AS p "
            "ON p.account_id = s.account_id AND p.subscription_id = s.id ORDER BY p.id"
        )
        for tx, *values in moved:
            for column, value in zip(batches[tx].moved, values, strict=True):
                column.append(value)
    return list(batches.values())


def _capture_table(connection: psycopg.Connection, table: str, batches: dict[int, Batch]) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, columns_of(connection, table)))
    query = sql.SQL(
        "COPY (SELECT xmin::text::bigint, {} FROM {} WHERE xmin::text::bigint = ANY({})) TO STDOUT"
    ).format(columns, sql.Identifier(table), sql.Literal(list(batches)))
    parts: dict[int, list[bytes]] = {}
    rest = b""
    with connection.cursor().copy(query) as copy:
        for data in copy:
            *lines, rest = (rest + bytes(data)).split(b"\n")
            for line in lines:
                number, _, row = line.partition(b"\t")
                parts.setdefault(int(number), []).append(row)
    for tx, ready in parts.items():
        batches[tx].copies[table] = b"\n".join(ready) + b"\n"


def runs_of(url: str) -> bytes:
    """The runs that the captured periods belong to: parents that must be there beforehand."""
    query = "COPY subscriptions_billingrun TO STDOUT"
    with psycopg.connect(url) as connection, connection.cursor().copy(query) as copy:
        return b"".join(map(bytes, copy))


def make_tables(url: str, schema: str, runs: bytes) -> None:
    """Empty tables LIKE … INCLUDING ALL with the same foreign keys, in a schema of their own;
    the subscriptions filled as they were before the run."""
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.cursor().copy("COPY subscriptions_billingrun FROM STDIN") as copy:
            copy.write(runs)
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        for table in (*TABLES, SUBSCRIPTIONS):
            connection.execute(
                sql.SQL("CREATE TABLE {0}.{1} (LIKE public.{1} INCLUDING ALL)").format(
                    sql.Identifier(schema), sql.Identifier(table)
                )
            )
        connection.execute(
            sql.SQL("INSERT INTO {0}.{1} SELECT * FROM public.{1}").format(
                sql.Identifier(schema), sql.Identifier(SUBSCRIPTIONS)
            )
        )
        for statement in _foreign_keys(connection, schema):
            connection.execute(statement)
        connection.execute("ANALYZE")


def _foreign_keys(connection: psycopg.Connection, schema: str) -> list[sql.Composed]:
    rows = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), "
        "confrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0"
    )
    copied = {*TABLES, SUBSCRIPTIONS}
    statements = []
    for table, name, definition, parent in rows:
        if table not in copied:
            continue
        target = f"{schema}.{parent}" if parent in copied else f"public.{parent}"
        moved = definition.replace(f"REFERENCES {parent}(", f"REFERENCES {target}(")
        statements.append(
            sql.SQL("ALTER TABLE {}.{} ADD CONSTRAINT {} {}").format(
                sql.Identifier(schema),
                sql.Identifier(table),
                sql.Identifier(name),
                sql.SQL(moved),
            )
        )
    return statements


def prepared(
    url: str, name: str, schema: str
) -> Callable[[list[Batch]], tuple[int, Callable[[], None]]]:
    """What a measured process does: connect, then put its batches in, one transaction each."""

    def prepare(batches: list[Batch]) -> tuple[int, Callable[[], None]]:
        connection = psycopg.connect(database_url(url, name))
        statements = {
            table: sql.SQL("COPY {}.{} ({}) FROM STDIN").format(
                sql.Identifier(schema),
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns_of(connection, table))),
            )
            for table in TABLES
        }
        update = sql.SQL(UPDATE).format(schema=sql.Identifier(schema))
        connection.commit()

        def work() -> None:
            for batch in batches:
                with connection.transaction(), connection.cursor() as cursor:
                    for table, data in batch.copies.items():
                        with cursor.copy(statements[table]) as copy:
                            copy.write(data)
                    cursor.execute(update, [*batch.moved, batch.account_id])

        return connection.info.backend_pid, work

    return prepare
