from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings

from dashboard import health, views
from foundation import queries

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def seen(**changes: Any) -> health.Health:
    beat = health.Beat(name="worker", beat_at=NOW, fresh=True)
    well = health.Health(database=True, valkey=True, beats=[beat], due={"dispatch": 7})
    return replace(well, **changes)


class Broken:
    def cursor(self):
        raise OperationalError


@pytest.fixture
def client():
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield Client()


def test_health_is_503_when_the_database_does_not_answer(client, monkeypatch):
    monkeypatch.setattr(health, "connection", Broken())

    answered = client.get("/healthz")

    assert (answered.status_code, answered.json()) == (503, {"status": "no database"})


def test_health_is_200_when_it_does(client, monkeypatch):
    monkeypatch.setattr(views, "database_answers", lambda: True)

    answered = client.get("/healthz")

    assert (answered.status_code, answered.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de-AT,de;q=0.9", ["Alles läuft.", "Lebenszeichen"]),
        ("en", ["All is well.", "Signs of life"]),
    ],
)
def test_the_status_page_speaks_the_reader_s_language(client, monkeypatch, language, words):
    monkeypatch.setattr(views, "look", lambda now: seen())

    page = client.get("/status", headers={"accept-language": language}).text

    assert all(word in page for word in words)
    assert f'<html lang="{language[:2]}">' in page


def test_the_status_page_counts_what_is_due(client, monkeypatch):
    monkeypatch.setattr(views, "look", lambda now: seen())

    assert '<th scope="row">dispatch</th><td>7</td>' in client.get("/status").text


@pytest.mark.parametrize("changes", [{"valkey": False}, {"database": False}, {"beats": []}])
def test_one_thing_that_does_not_answer_is_enough_for_a_warning(client, monkeypatch, changes):
    monkeypatch.setattr(views, "look", lambda now: seen(**changes))

    assert "Something does not answer" in client.get("/status").text


def test_a_heartbeat_is_stale_after_thirty_seconds(monkeypatch):
    monkeypatch.setattr(health, "database_answers", lambda: True)
    monkeypatch.setattr(health, "valkey_answers", lambda: True)
    monkeypatch.setattr(queries, "due_counts", lambda now: {})
    beats = {"late": NOW - timedelta(seconds=30), "fresh": NOW - timedelta(seconds=29)}
    monkeypatch.setattr(queries, "heartbeats", lambda: beats)

    found = health.look(NOW)

    assert {beat.name: beat.fresh for beat in found.beats} == {"late": False, "fresh": True}
    assert not found.well


def test_what_the_page_says_is_not_kept_by_caches(client, monkeypatch):
    monkeypatch.setattr(views, "look", lambda now: seen())

    assert "no-store" in client.get("/status").headers["Cache-Control"]
