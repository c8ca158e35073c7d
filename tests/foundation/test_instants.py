"""Instants read from the database are those that Django's own reader gives."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection
from psycopg.pq import Format
from psycopg.types.datetime import TimestamptzLoader

from foundation.instants import InstantLoader

TEXTS = [
    "2026-02-01 00:00:00",
    "2026-02-01 00:00:00.5",
    "2026-02-01 00:00:00.123456",
    "2026-02-01 23:59:59.999999",
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59.999999",
    "2024-02-29 12:00:00.001",
]


def read(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::text || '+00')::timestamptz", [text])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("text", TEXTS)
def test_an_instant_is_read_as_it_was_written_in_utc(text):
    found = read(text)

    assert found == datetime.fromisoformat(text).replace(tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", TEXTS)
def test_it_is_what_the_drivers_own_reader_gives(text):
    connection.ensure_connection()
    ours = InstantLoader(1184, connection.connection)
    theirs = TimestamptzLoader(1184, connection.connection)
    data = f"{text}+00".encode()

    assert ours.load(data) == theirs.load(data)


@pytest.mark.parametrize("text", ["infinity", "-infinity", "10000-01-01 00:00:00"])
def test_what_python_cannot_hold_is_refused_as_before(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [f"{text}+00" if text[0] == "1" else text])
        with pytest.raises(DataError):
            cursor.fetchone()


def test_the_connection_uses_it():
    connection.ensure_connection()
    loader = connection.connection.adapters.get_loader(1184, Format.TEXT)

    assert loader is InstantLoader
