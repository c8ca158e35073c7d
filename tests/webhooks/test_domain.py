"""The arithmetic of webhooks: signature, timetable, pace, health, and which settings can be."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from webhooks.domain import event_types
from webhooks.domain.content import content, resigned, signature, timestamp
from webhooks.domain.health import Health
from webhooks.domain.lifecycle import State
from webhooks.domain.outcome import WAITING_MAX, Next, Standing, judge, shown, succeeded
from webhooks.domain.pace import REST_AFTER, WINDOW_MAX, WINDOW_START, Pace, rest
from webhooks.domain.settings import NewSettings
from webhooks.domain.timetable import GIVE_UP_AFTER, next_try, span

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ID = "0123456789abcdef0123456789abcdef"


def a_content(secret="secret", **about):
    return content(
        webhook_id=ID,
        event={"event_id": "e" * 32, "event_type": "invoice_settled"},
        about=about,
        at="2026-11-21T12:00:00.000+00:00",
        secret=secret,
    )


# The text and its signature.


def test_the_signature_is_the_hex_of_the_hmac_over_timestamp_and_id():
    """Worked out with `openssl dgst -sha256 -hmac whsec_test` over the two texts in a row."""
    assert signature("whsec_test", "2026-11-21T12:00:00.000+00:00", ID) == GOLDEN


GOLDEN = "d7d07cee98198e7ed6f3fcd0fcde9b8ba82ae08de27020efafd4ffd7f74f80b1"


def test_the_timestamp_is_in_utc_with_milliseconds():
    at = datetime(2026, 3, 1, 1, 2, 3, 456_789, tzinfo=timezone(2 * HOUR))

    assert timestamp(at) == "2026-02-28T23:02:03.456+00:00"


def test_the_content_names_the_event_and_what_it_concerns_and_nothing_else():
    assert json.loads(a_content(customer="c", invoice="inv-1")) == {
        "id": ID,
        "event_id": "e" * 32,
        "event_type": "invoice_settled",
        "timestamp": "2026-11-21T12:00:00.000+00:00",
        "signature": hmac.new(
            b"secret", f"2026-11-21T12:00:00.000+00:00{ID}".encode(), hashlib.sha256
        ).hexdigest(),
        "customer": "c",
        "invoice": "inv-1",
    }


@given(st.text(min_size=1, max_size=20))
def test_signing_anew_with_the_same_secret_changes_no_byte(handle):
    text = a_content(customer=handle)

    assert resigned(text, "secret") == text


def test_signing_anew_changes_the_signature_alone():
    assert resigned(a_content("old", customer="c"), "new") == a_content("new", customer="c")


# The timetable.


def test_the_tries_are_minutes_then_hours_then_four_hours_apart_and_end_after_three_days():
    tries, at, gaps = 0, NOON, []
    while True:
        tries += 1
        following = next_try(tries, began_at=NOON, now=at)
        if following is None:
            break
        gaps.append(following - at)
        at = following

    assert gaps[:5] == [2 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, HOUR]
    assert gaps[4:27] == [HOUR] * 23
    assert gaps[27:] == [4 * HOUR] * 11
    assert at <= NOON + GIVE_UP_AFTER < at + 4 * HOUR
    assert tries == 39


def test_four_failures_take_about_half_an_hour_and_five_an_hour():
    assert [span(1), span(2), span(4), span(5)] == [0 * HOUR, 2 * MINUTE, 32 * MINUTE, 62 * MINUTE]


def test_what_waited_for_three_days_is_tried_once_and_given_up():
    assert next_try(1, began_at=NOON - GIVE_UP_AFTER, now=NOON) is None


# What an answer means.


@pytest.mark.parametrize(
    ("status", "is_success"),
    [(None, False), (100, False), (199, False), (200, True), (299, True), (300, False)],
)
def test_only_a_2xx_is_a_success(status, is_success):
    assert succeeded(status) is is_success


def standing(state, *, tries=0, is_ours=True):
    return Standing(state, tries, NOON, is_ours)


@pytest.mark.parametrize("state", [each for each in State if each is not State.COMPLETED])
def test_what_was_received_is_completed_whatever_became_of_it_meanwhile(state):
    found = standing(state, is_ours=False)

    assert judge(found, is_success=True, waiting=0, now=NOON) == Next(State.COMPLETED)


@pytest.mark.parametrize("state", State)
def test_a_failure_of_who_lost_the_lease_decides_nothing(state):
    assert judge(standing(state, is_ours=False), is_success=False, waiting=0, now=NOON) is None


def test_a_failure_is_tried_again_and_at_last_given_up():
    first = judge(standing(State.PENDING), is_success=False, waiting=0, now=NOON)
    later = judge(standing(State.RETRYING, tries=4), is_success=False, waiting=0, now=NOON)
    end = NOON + GIVE_UP_AFTER
    last = judge(standing(State.RETRYING, tries=38), is_success=False, waiting=0, now=end)

    assert first == Next(State.RETRYING, NOON + 2 * MINUTE)
    assert later == Next(State.RETRYING, NOON + HOUR)
    assert last == Next(State.FAILED)


def test_a_failure_that_too_many_wait_for_is_given_up_at_once():
    found = standing(State.PENDING)

    assert judge(found, is_success=False, waiting=WAITING_MAX, now=NOON) == Next(State.FAILED)
    few = judge(found, is_success=False, waiting=WAITING_MAX - 1, now=NOON)
    assert few == Next(State.RETRYING, NOON + 2 * MINUTE)


def test_what_is_shown_of_an_answer_can_be_stored_and_seen():
    assert shown(b"ok\n\x00\x1b[2J\xff") == "ok\n\ufffd\ufffd[2J\ufffd"


@given(st.binary(max_size=5000))
def test_whatever_is_answered_can_be_stored(raw):
    found = shown(raw)

    assert len(found) <= 2048
    assert "\x00" not in found
    found.encode()


# Pace and health.


def test_the_window_opens_with_quick_successes_and_closes_with_failures_and_slow_answers():
    pace = Pace()
    for _ in range(500):
        pace.heard(0.1, is_success=True)
    widest = pace.window
    pace.heard(1.5, is_success=True)
    pace.heard(0.1, is_success=False)
    after_two = pace.window
    for _ in range(10):
        pace.heard(5, is_success=True)

    assert (widest, after_two, pace.window) == (WINDOW_MAX, WINDOW_MAX // 4, 1)


def test_who_has_just_failed_often_is_asked_one_at_a_time():
    assert Pace.after(0).window == Pace.after(REST_AFTER - 1).window == WINDOW_START
    assert Pace.after(REST_AFTER).window == 1


def test_rests_double_from_a_second_to_five_minutes():
    seconds = [rest(failures).total_seconds() for failures in (4, 5, 6, 7, 13, 14, 10**9)]

    assert seconds == [0, 1, 2, 4, 256, 300, 300]


def test_one_success_and_all_is_well():
    ill = Health().after([False] * 6, now=NOON)

    assert (ill.failures, ill.failing_since, ill.rest_until) == (
        6,
        NOON,
        NOON + timedelta(seconds=2),
    )
    assert ill.after([False, True], now=NOON) == Health()
    assert ill.after([True, False], now=NOON).failures == 1


def test_the_alarm_rings_after_so_many_tries_of_one_webhook_or_as_long_as_these_take():
    ill = Health().failed(NOON)
    later = NOON + 32 * MINUTE

    assert ill.is_alarming(tries=4, alert_count=4, now=NOON)
    assert ill.is_alarming(tries=1, alert_count=4, now=later)
    assert not ill.is_alarming(tries=3, alert_count=4, now=later - MINUTE)


def test_the_alarm_rings_once_until_something_is_taken_again():
    told = Health(failures=9, failing_since=NOON, alert_sent_at=NOON)

    assert not told.is_alarming(tries=9, alert_count=4, now=NOON + HOUR)
    well = told.after([True, False], now=NOON)
    assert well.is_alarming(tries=4, alert_count=4, now=NOON)
    assert not Health().is_alarming(tries=9, alert_count=4, now=NOON)


# Settings.


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/hook",
        "ftp://example.org/",
        "javascript:alert(1)",
        "https://",
        "https:///hook",
        "https://user:secret@example.org/",
        "https://user@example.org/",
        "https://@example.org/",
        "https://example.org/#top",
        "https://exa mple.org/",
        "https://example.org/a\nb",
        "https://example.org/\x00",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://[::1/",
        "https://example.org/" + "a" * 1000,
    ],
)
def test_an_address_that_cannot_be_called_is_refused(url):
    with pytest.raises(Invalid) as refusal:
        NewSettings(urls=(url,))
    assert (refusal.value.code, refusal.value.field) == ("invalid_webhook_url", "urls")


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "http://example.org:80/a?b=c", "https://b\u00fccher.example/hook"],
)
def test_a_plain_address_is_taken(url):
    assert NewSettings(urls=(url,)).urls == (url,)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (
            {"urls": tuple(f"https://e{n}.org/" for n in range(11))},
            "too_many_webhook_urls",
        ),
        ({"username": "a:b"}, "invalid_credentials"),
        ({"username": "a\n"}, "invalid_credentials"),
        ({"password": "\x00"}, "invalid_credentials"),
        ({"password": "\ud800"}, "invalid_credentials"),
        ({"password": "a" * 256}, "invalid_credentials"),
        ({"alert_emails": ("nobody",)}, "invalid_alert_emails"),
        ({"alert_emails": ("a@b.de, c@d.de",)}, "invalid_alert_emails"),
        ({"alert_emails": ("a@b.de\nbcc: x@y.de",)}, "invalid_alert_emails"),
        ({"alert_emails": ("a@b.de",) * 21}, "invalid_alert_emails"),
        ({"alert_count": 3}, "invalid_alert_count"),
        ({"alert_count": 51}, "invalid_alert_count"),
        ({"event_types": ("invoice_eaten",)}, "unknown_event_type"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, code):
    with pytest.raises(Invalid) as refusal:
        NewSettings(**wrong)
    assert refusal.value.code == code


def test_settings_keep_their_password_out_of_logs():
    assert "geheim" not in repr(NewSettings(password="geheim"))


def test_every_name_that_is_told_can_be_asked_for():
    assert set(event_types.WIRE_NAMES.values()) <= set(event_types.EVENT_TYPES)
    assert len(event_types.EVENT_TYPES) == len(set(event_types.EVENT_TYPES)) == 34
