"""The acquirer's own book: one SQLite file, written in committed groups, consistent after SIGKILL.

Nothing that was committed is lost when the process dies; when the machine dies, the last moments
may be, but never half a group.

It holds no card number and no verification code. Captures are rows of their own without a
uniqueness of their own, so that a double capture, were there one, would be seen and not hidden.
Times are whole milliseconds since 1970.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from payments.acquirer.cards import ChargeState

SCHEMA = """
create table if not exists tokens (
  token text primary key, brand text not null, masked_number text not null,
  expiry text not null, behaviour text not null, payments integer not null
) without rowid;
create table if not exists charges (
  key text not null unique, token text not null,
  amount_minor integer not null check (amount_minor > 0), currency text not null,
  reference text not null, callback_url text, state text not null, error text,
  gateway_reference text not null, booked_at integer not null, settles_at integer,
  seq integer primary key autoincrement
);
create index if not exists charges_settling on charges (settles_at) where settles_at is not null;
create table if not exists captures (
  id integer primary key autoincrement, key text not null,
  amount_minor integer not null, currency text not null, captured_at integer not null
);
create index if not exists captures_by_key on captures (key);
create table if not exists dropped (key text primary key, at integer not null) without rowid;
create table if not exists refunds (
  key text primary key, charge_key text not null,
  amount_minor integer not null check (amount_minor > 0), currency text not null,
  state text not null, error text, gateway_reference text not null, booked_at integer not null
) without rowid;
create index if not exists refunds_by_charge on refunds (charge_key);
create table if not exists callbacks (
  id integer primary key autoincrement, key text not null, url text not null, body text not null,
  due_at integer, tries integer not null default 0, delivered_at integer
);
create index if not exists callbacks_due on callbacks (due_at) where due_at is not null;
create index if not exists callbacks_by_key on callbacks (key);
"""


@dataclass(frozen=True, slots=True)
class StoredToken:
    token: str
    brand: str
    masked_number: str
    expiry: str
    behaviour: str
    payments: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """Fields stand in the order of the table's columns, here and in `Refund`."""

    key: str
    token: str
    amount_minor: int
    currency: str
    reference: str
    callback_url: str | None
    state: ChargeState
    error: str | None
    gateway_reference: str
    booked_at: int
    settles_at: int | None


@dataclass(frozen=True, slots=True)
class Refund:
    key: str
    charge_key: str
    amount_minor: int
    currency: str
    state: ChargeState
    error: str | None
    gateway_reference: str
    booked_at: int


@dataclass(frozen=True, slots=True)
class Callback:
    id: int
    url: str
    body: str
    tries: int


# not dataclasses.astuple: its deep copies cost as much as the insert
_token_row = attrgetter(*[field.name for field in fields(StoredToken)])
_charge_row = attrgetter(*[field.name for field in fields(Charge)])
_refund_row = attrgetter(*[field.name for field in fields(Refund)])


class Book:
    """Writing is for operations given to `commit`; reading is safe there and between commits."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self.db = sqlite3.connect(path, isolation_level=None, timeout=10)
        self.db.execute("pragma journal_mode = wal")
        self.db.execute("pragma synchronous = normal")
        self.db.executescript(SCHEMA)

    def commit(self, operations: "Sequence[Operation[Any]]") -> list[Any]:
        """All of them or none: an error in one leaves the book as it was before all."""
        self.db.execute("begin immediate")
        try:
            answers = [operation(self) for operation in operations]
            self.db.execute("commit")
        finally:
            if self.db.in_transaction:
                self.db.execute("rollback")
        return answers

    def close(self) -> None:
        self.db.close()

    def add_token(self, stored: StoredToken) -> None:
        self.db.execute("insert into tokens values (?, ?, ?, ?, ?, ?)", _token_row(stored))

    def token(self, token: str) -> StoredToken | None:
        row = self.db.execute("select * from tokens where token = ?", (token,)).fetchone()
        return StoredToken(*row) if row else None

    def count_payment(self, token: str) -> None:
        self.db.execute("update tokens set payments = payments + 1 where token = ?", (token,))

    def charge(self, key: str) -> Charge | None:
        row = self.db.execute("select * from charges where key = ?", (key,)).fetchone()
        return _charge(row) if row else None

    def add_charge(self, charge: Charge) -> None:
        self.db.execute(
            "insert into charges values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)",
            _charge_row(charge),
        )

    def add_capture(self, charge: Charge, *, at: int) -> None:
        self.db.execute(
            "insert into captures (key, amount_minor, currency, captured_at) values (?, ?, ?, ?)",
            (charge.key, charge.amount_minor, charge.currency, at),
        )

    def settling(self, *, until: int, limit: int) -> list[Charge]:
        rows = self.db.execute(
            "select * from charges where settles_at <= ? order by settles_at limit ?",
            (until, limit),
        )
        return [_charge(row) for row in rows]

    def mark_settled(self, key: str) -> None:
        self.db.execute(
            "update charges set state = ?, settles_at = null where key = ?",
            (ChargeState.SUCCEEDED, key),
        )

    def drop_once(self, key: str, *, at: int) -> bool:
        """True for the first request with this key, which is the one to leave unexecuted."""
        done = self.db.execute("insert or ignore into dropped values (?, ?)", (key, at))
        return done.rowcount == 1

    def refund(self, key: str) -> Refund | None:
        row = self.db.execute("select * from refunds where key = ?", (key,)).fetchone()
        return _refund(row) if row else None

    def add_refund(self, refund: Refund) -> None:
        self.db.execute("insert into refunds values (?, ?, ?, ?, ?, ?, ?, ?)", _refund_row(refund))

    def refunded_minor(self, charge_key: str) -> int:
        rows = self.db.execute(
            "select amount_minor from refunds where charge_key = ? and state = ?",
            (charge_key, ChargeState.SUCCEEDED),
        )
        return sum(row[0] for row in rows)

    def captured_minor(self, charge_key: str) -> int:
        rows = self.db.execute("select amount_minor from captures where key = ?", (charge_key,))
        return sum(row[0] for row in rows)

    def add_callback(self, *, key: str, url: str, body: str, due_at: int) -> None:
        self.db.execute(
            "insert into callbacks (key, url, body, due_at) values (?, ?, ?, ?)",
            (key, url, body, due_at),
        )

    def callbacks_due(self, *, until: int, limit: int) -> list[Callback]:
        rows = self.db.execute(
            "select id, url, body, tries from callbacks where due_at <= ? order by due_at limit ?",
            (until, limit),
        )
        return [Callback(*row) for row in rows]

    def callbacks_waiting_for(self, key: str) -> list[Callback]:
        rows = self.db.execute(
            "select id, url, body, tries from callbacks where key = ? and due_at is not null",
            (key,),
        )
        return [Callback(*row) for row in rows]

    def mark_delivered(self, callback_id: int, *, at: int) -> None:
        self.db.execute(
            "update callbacks set due_at = null, tries = tries + 1, delivered_at = ? where id = ?",
            (at, callback_id),
        )

    def mark_undelivered(self, callback_id: int, *, next_at: int | None) -> None:
        """Without a next time the callback is given up, and stays here as a witness."""
        self.db.execute(
            "update callbacks set due_at = ?, tries = tries + 1 where id = ?",
            (next_at, callback_id),
        )

    def next_due_at(self) -> int | None:
        row = self.db.execute(
            "select min(at) from (select min(due_at) as at from callbacks where due_at is not null"
            " union all select min(settles_at) from charges where settles_at is not null)"
        ).fetchone()
        due: int | None = row[0]
        return due


Answer = TypeVar("Answer")
Operation = Callable[[Book], Answer]


def _charge(row: tuple[Any, ...]) -> Charge:
    fields: tuple[Any, ...] = (*row[:6], ChargeState(row[6]), *row[7:11])
    return Charge(*fields)


def _refund(row: tuple[Any, ...]) -> Refund:
    fields: tuple[Any, ...] = (*row[:4], ChargeState(row[4]), *row[5:])
    return Refund(*fields)
