"""How much may be asked, counted in Valkey."""

import time

import pytest
import redis
from django.conf import settings

from api.v1 import throttle
from tests.witness import at_once, nothing_changes

NONE = (0, 0, 0)


@pytest.fixture
def limited(monkeypatch):
    def limit(*, read=NONE, write=NONE):
        monkeypatch.setattr(settings, "API_LIMITS", {"read": read, "write": write})

    yield limit
    throttle._state.silent_until = 0.0


@pytest.fixture
def valkey():
    return redis.Redis.from_url(settings.REDIS_URL)


def soon(is_so):
    """The end of a request is told without waiting for an answer."""
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to pass")


def test_beyond_the_burst_nothing_is_done(api, limited):
    limited(write=(1, 3, 0))

    said = [api.post("/v1/customer", {"handle": f"c{number}"}).status for number in range(3)]
    with nothing_changes(api.account_id):
        refused = api.post("/v1/customer", {"handle": "c4"})

    assert said == [200] * 3
    assert refused.refusal == (429, 122)
    assert "Request rate limit exceeded" in (refused.json["error"], refused.json["message"])
    assert refused.headers["Retry-After"] == "1"


def test_reads_and_writes_are_counted_apart_and_so_are_accounts(api, stranger, limited):
    limited(read=(1, 1, 0), write=(1, 1, 0))

    assert api.get("/v1/account").status == 200
    assert api.get("/v1/account").refusal == (429, 122)
    assert api.post("/v1/customer", {"handle": "x"}).status == 200
    assert stranger.get("/v1/account").status == 200


def test_what_is_left_grows_with_time(api, limited):
    limited(read=(1000, 1, 0))

    assert api.get("/v1/account").status == 200
    time.sleep(0.01)
    assert api.get("/v1/account").status == 200


def test_so_many_at_once_and_no_more(api, limited, monkeypatch):
    limited(read=(0, 0, 2))
    places = [
        throttle.enter(api.account_id, f"request {number}", is_write=False) for number in (1, 2)
    ]

    refused = api.get("/v1/account")
    throttle.leave(places[0], "request 1")

    assert refused.refusal == (429, 123)
    assert refused.json["error"] == "Concurrent request limit exceeded"
    soon(lambda: api.get("/v1/account").status == 200)


def test_whoever_is_answered_holds_no_place(api, limited, valkey):
    limited(read=(100, 100, 2))

    for path in ("/v1/account", "/v1/customer/none", "/v1/list/customer?size=x"):
        api.get(path)
    api.call("PATCH", "/v1/account")

    places = [f"v1:{api.account_id.hex}:{kind}:now" for kind in "rw"]
    soon(lambda: not any(map(valkey.zcard, places)))


def test_a_place_whose_holder_died_is_free_again(api, limited, monkeypatch):
    limited(read=(0, 0, 1))
    monkeypatch.setattr(throttle, "SLOT_MS", 5)
    throttle.enter(api.account_id, "died", is_write=False)

    time.sleep(0.02)
    assert api.get("/v1/account").status == 200


def test_of_many_at_once_exactly_the_burst_comes_in(api, limited):
    limited(read=(1, 5, 0))
    api.get("/v1/error_codes")

    answers = at_once(*[lambda: api.get("/v1/account").status] * 12)

    assert sorted(answers) == [200] * 5 + [429] * 7


def test_without_valkey_everybody_is_let_in_and_it_is_noted_once(api, limited, monkeypatch, caplog):
    limited(read=(1, 1, 1))
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:9/0")
    monkeypatch.setattr(throttle, "_state", throttle._State())

    assert [api.get("/v1/account").status for _ in range(3)] == [200] * 3
    assert caplog.text.count("api.throttle_away") == 1


def test_whoever_shows_no_key_is_not_counted(nobody, limited):
    limited(read=(1, 1, 1))

    assert [nobody.get("/v1/error_codes").status for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(
    ("name", "kind", "place", "usual"),
    [
        ("KONTOR_API_READS_PER_SECOND", "read", 0, 25),
        ("KONTOR_API_READS_BURST", "read", 1, 50),
        ("KONTOR_API_AT_ONCE", "read", 2, 10),
        ("KONTOR_API_WRITES_PER_SECOND", "write", 0, 10),
        ("KONTOR_API_WRITES_BURST", "write", 1, 25),
        ("KONTOR_API_AT_ONCE", "write", 2, 10),
    ],
)
def test_the_limits_are_settings(monkeypatch, name, kind, place, usual):
    from billing_platform.settings.api import limits

    for each in ("UNLIMITED", "READS_PER_SECOND", "READS_BURST", "WRITES_PER_SECOND"):
        monkeypatch.delenv(f"KONTOR_API_{each}", raising=False)
    assert limits()[kind][place] == usual

    monkeypatch.setenv(name, "7")
    assert limits()[kind][place] == 7
    monkeypatch.setenv("KONTOR_API_UNLIMITED", "1")
    assert limits()[kind][place] == 0
