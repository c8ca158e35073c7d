"""Who may speak to the acquirer, and what it never writes down."""

import logging
import os
import re
import subprocess
import sys

import pytest

from kernel.clock import wall_now
from payments.acquirer.__main__ import CardSafe
from payments.acquirer.config import BadSetting, settings_from
from payments.acquirer.signing import CALLBACK_PURPOSE, Envelope, signed_headers
from payments.gateways.port import OutcomeState
from tests.payments.acquirer_process import (
    REPOSITORY,
    SECRET,
    AcquirerProcess,
    magic_card,
    order_for,
)

REAL_LOOKING = "4929939187355598"


@pytest.fixture(scope="module")
def acquirer(tmp_path_factory):
    process = AcquirerProcess(tmp_path_factory.mktemp("secrecy")).start()
    yield process
    process.stop()


def now():
    return int(wall_now().timestamp())


def test_another_card_number_is_refused_and_written_nowhere(acquirer):
    bodies: list[dict[str, object]] = [
        {"pan": REAL_LOOKING, "expiry": "1239", "cvv": "731"},
        {"pan": REAL_LOOKING, "expiry": "1339", "cvv": "731"},
        {"pan": REAL_LOOKING, "expiry": "1239", "cvv": []},
        {"pan": [REAL_LOOKING], "expiry": "1239", "cvv": "731"},
    ]
    answers = [acquirer.post("/tokens", **body) for body in bodies]
    answers.append(acquirer.request("POST", "/tokens", f'{{"pan": "{REAL_LOOKING}'.encode()))
    assert answers[0] == (
        422,
        {"error": "card_not_allowed", "message": "Only the test card numbers are accepted."},
    )
    assert [status for status, _ in answers] == [422, 422, 400, 400, 400]
    assert not any(REAL_LOOKING in str(body) for _, body in answers)
    assert REAL_LOOKING.encode() not in acquirer.everything_written()


def test_an_accepted_number_and_its_code_are_written_nowhere(acquirer):
    gateway = acquirer.gateway()
    stored = gateway.store_card(magic_card("9753", "5500000000000004"))
    assert gateway.charge(order_for(stored.token)).state is OutcomeState.SUCCEEDED
    gateway.close()
    written = acquirer.everything_written()
    assert stored.masked_number.encode() in written
    assert b"5500000000000004" not in written
    # by itself, not as digits within a random identifier
    assert not re.search(rb"(?<![0-9a-f])9753(?![0-9a-f])", written)


def test_a_line_that_is_not_http_does_not_put_a_number_into_the_log(acquirer):
    with pytest.raises(ValueError, match="Expecting value"):
        acquirer.request(f"POST{REAL_LOOKING}", "/tokens", headers={"Bad": REAL_LOOKING})
    assert REAL_LOOKING.encode() not in acquirer.everything_written()


def test_a_number_in_a_log_line_of_any_library_is_blotted_out():
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "got %s", (REAL_LOOKING,), None)
    assert CardSafe("%(message)s").format(record) == "got [digits]"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed_headers("another secret", Envelope("GET /book/summary", b""), at=now()),
        signed_headers(SECRET, Envelope("GET /book/charges", b""), at=now()),
        signed_headers(SECRET, Envelope("POST /book/summary", b""), at=now()),
        signed_headers(SECRET, Envelope("GET /book/summary", b"{}"), at=now()),
        signed_headers(SECRET, Envelope(CALLBACK_PURPOSE, b""), at=now()),
        signed_headers(SECRET, Envelope("GET /book/summary", b""), at=now() - 36_000),
        signed_headers(SECRET, Envelope("GET /book/summary", b""), at=now() + 36_000),
        {
            **signed_headers(SECRET, Envelope("GET /book/summary", b""), at=now()),
            "X-Acquirer-Timestamp": "²",
        },
    ],
    ids=["none", "secret", "path", "method", "body", "callback", "old", "future", "odd-time"],
)
def test_a_request_that_is_not_signed_for_exactly_this_is_refused(acquirer, headers):
    headers = {name: value.encode() for name, value in headers.items()}
    status, body = acquirer.request("GET", "/book/summary", headers=headers)
    assert (status, body["error"]) == (401, "bad_signature")


def test_the_signature_is_asked_for_before_the_address_is_looked_at(acquirer):
    assert acquirer.request("GET", "/no/such/thing", headers={})[0] == 401


def test_the_book_is_readable_by_its_owner_only(acquirer):
    assert acquirer.book.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "", "Set KONTOR_ACQUIRER_PORT"),
        ("PORT", "x", "KONTOR_ACQUIRER_PORT must be a whole number"),
        ("SECRET", "", "Set KONTOR_ACQUIRER_SECRET"),
        ("BOOK", "", "Set KONTOR_ACQUIRER_BOOK"),
        ("UNKNOWN_PERCENT", "101", "from 0 to 100"),
        ("HANG_SECONDS", "-1", "a number of seconds"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, name, value, sentence):
    right = {"PORT": "1", "SECRET": "s", "BOOK": str(tmp_path / "never.sqlite")}
    settings = {f"KONTOR_ACQUIRER_{key}": each for key, each in {**right, name: value}.items()}
    with pytest.raises(BadSetting, match=sentence):
        settings_from(settings)


def test_a_wrong_setting_stops_the_start_with_one_sentence():
    done = subprocess.run(
        [sys.executable, "-m", "payments.acquirer"],
        cwd=REPOSITORY,
        env={**os.environ, "KONTOR_ACQUIRER_PORT": "nowhere"},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "KONTOR_ACQUIRER_PORT must be a whole number from 0 to 65535.\n"
