"""A bare web server that asks the database exactly what ours asked, and thinks nothing.

`/NAME/NUMBER` runs the recorded request of that number, in the same transactions, over a pool of
connections like ours, and answers with the recorded bytes.
"""

import os
import pickle
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from psycopg import ClientCursor, Connection
from psycopg_pool import ConnectionPool

RECORD, DATABASE = "BENCH_RECORD", "KONTOR_APP_DATABASE_URL"


@cache
def _recorded() -> tuple[dict[str, list[tuple[list[Any], bytes]]], list[str]]:
    plain, stages = pickle.loads(Path(os.environ[RECORD]).read_bytes())
    return plain, stages


def _prepare(connection: Connection[Any]) -> None:
    connection.cursor_factory = ClientCursor
    connection.autocommit = True
    for statement in _recorded()[1]:
        connection.execute(statement)


@cache
def _pool() -> ConnectionPool[Any]:
    return ConnectionPool(
        os.environ[DATABASE],
        min_size=1,
        max_size=8,
        configure=_prepare,
        check=ConnectionPool.check_connection,
    )


def application(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    """WSGI."""
    name, _, number = environ["PATH_INFO"].strip("/").partition("/")
    environ["wsgi.input"].read()
    body = _run(*_recorded()[0][name][int(number)]) if number else b"{}"
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    )
    return [body]


def _run(steps: list[Any], answer: bytes) -> bytes:
    with _pool().connection() as connection, connection.cursor() as cursor:
        for kind, statement, given in steps:
            if kind == "sql":
                cursor.execute(statement, given)
                if cursor.description:
                    cursor.fetchall()
            elif kind == "copy":
                with cursor.copy(statement) as copy:
                    copy.write(given)
            else:
                cursor.execute(kind.upper())
    return answer
