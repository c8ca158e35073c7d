"""What a request asks of the database, written down statement by statement to be asked again."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.json import Jsonb

Step = tuple[str, str, Any]
"""`sql` with its parameters, `copy` with its data, or a `begin` or `commit` with nothing."""
STAGE = "CREATE TEMPORARY TABLE"


@dataclass
class Recorded:
    """One request: what it asked, in order, and the body of the answer."""

    steps: list[Step] = field(default_factory=list)
    answer: bytes = b""


@contextmanager
def recording(into: list[Step]) -> Iterator[None]:
    """Everything that this process asks of its connection, transactions and copies too."""
    copy, set_autocommit = psycopg.Cursor.copy, connection.set_autocommit

    def hear(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        into.append(("sql", sql, params))
        return execute(sql, params, many, context)

    @contextmanager
    def heard_copy(cursor: Any, statement: str) -> Iterator["_Heard"]:
        with copy(cursor, statement) as inner:
            yield _Heard(inner, statement, into)

    def heard_autocommit(autocommit: Any, **more: Any) -> None:
        into.append(("commit" if autocommit else "begin", "", None))
        set_autocommit(autocommit, **more)

    cursors: Any = psycopg.Cursor
    ours: Any = connection
    cursors.copy, ours.set_autocommit = heard_copy, heard_autocommit
    try:
        with connection.execute_wrapper(hear):
            yield
    finally:
        cursors.copy, ours.set_autocommit = copy, set_autocommit


@dataclass
class _Heard:
    inner: Any
    statement: str
    into: list[Step]

    def write(self, data: str) -> None:
        self.into.append(("copy", self.statement, data))
        self.inner.write(data)


def keep(path: Path, recorded: dict[str, list[Recorded]], stages: list[str]) -> None:
    """For the server that replays it; `stages` are made once in each of its connections."""
    plain = {
        name: [(_without_ours(each.steps), each.answer) for each in many]
        for name, many in recorded.items()
    }
    path.write_bytes(pickle.dumps((plain, stages)))


def _without_ours(steps: list[Step]) -> list[Step]:
    """The replaying server knows none of our classes."""
    return [(kind, text, _plain(given)) for kind, text, given in steps]


def _plain(given: Any) -> Any:
    if isinstance(given, Enum):
        return given.value
    if isinstance(given, Jsonb):
        return Jsonb(given.obj)
    if isinstance(given, dict):
        return {name: _plain(each) for name, each in given.items()}
    if isinstance(given, list | tuple):
        return type(given)(map(_plain, given))
    return given
