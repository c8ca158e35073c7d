"""Webhooks arrive signed, in order, at least once, and a broken receiver harms nobody else."""

import base64
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection

from foundation import due, egress
from foundation.listing import Asked, page
from foundation.tenancy import tenant
from kernel.clock import wall_now
from tests.webhooks.sink import Sink, is_authentic
from tests.webhooks.steps import change, let_pass, rows, say, states, told_account
from webhooks import queries
from webhooks.commands.deliver import deliver
from webhooks.commands.publish import DUE_KIND
from webhooks.commands.resend import disable
from webhooks.domain.outcome import WAITING_MAX
from webhooks.listings import EVENTS

MINUTE = timedelta(minutes=1)


@pytest.fixture
def other():
    listener = Sink()
    yield listener
    listener.close()


def attempts(account_id, row):
    with tenant(account_id) as account:
        return queries.attempts_of(account, row.id)


def secret_of(account_id):
    with tenant(account_id) as account:
        return queries.settings_of(account).secret


# What goes out.


def test_a_fact_arrives_once_signed_and_byte_for_byte_as_it_is_stored(sink):
    account_id = told_account(sink.url)
    say(account_id, "one")

    assert deliver(account_id) == 1

    (heard,) = sink.heard
    (row,) = rows(account_id)
    assert heard.body == row.content.encode()
    assert is_authentic(heard.told, secret_of(account_id))
    assert heard.headers["Content-Type"] == "application/json"
    assert heard.told == {
        "id": row.id.hex,
        "event_id": row.event_id.hex,
        "event_type": "customer_created",
        "timestamp": heard.told["timestamp"],
        "signature": heard.told["signature"],
        "customer": "one",
    }
    assert (row.state, row.count, row.owner) == ("completed", 1, "")


def test_what_was_completed_is_not_sent_again(sink):
    account_id = told_account(sink.url)
    say(account_id, "one")

    assert [deliver(account_id), deliver(account_id)] == [1, 0]


def test_each_address_gets_a_webhook_of_its_own_for_the_same_event(sink, other):
    account_id = told_account(sink.url, other.url)
    say(account_id, "one")

    deliver(account_id)

    (here,), (there,) = sink.told, other.told
    assert here["event_id"] == there["event_id"]
    assert here["id"] != there["id"]
    assert is_authentic(there, secret_of(account_id))


def test_only_the_chosen_event_types_are_told(sink):
    account_id = told_account(sink.url, event_types=("customer_changed",))
    say(account_id, "one")
    change(account_id, "one")

    deliver(account_id)

    assert sink.types() == ["customer_changed"]
    with tenant(account_id) as account:
        asked = Asked(columns=("event_type",))
        events = [each["event_type"] for each in page(account, EVENTS, asked).rows]
    assert events == ["customer_changed", "customer_created"]


def test_user_name_and_password_of_the_settings_go_along(sink):
    account_id = told_account(sink.url, username="shop", password="geheim")
    say(account_id, "one")

    deliver(account_id)

    told = base64.b64encode(b"shop:geheim").decode()
    assert sink.heard[0].headers["Authorization"] == f"Basic {told}"


# What counts as an answer.


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_a_success(sink, status):
    sink.answer = status
    account_id = told_account(sink.url)
    say(account_id, "one")

    deliver(account_id)

    assert states(account_id) == ["completed"]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 410, 500, 503])
def test_everything_else_is_a_failure_and_a_redirect_is_not_followed(sink, status):
    sink.answer = status
    account_id = told_account(sink.url)
    say(account_id, "one")

    before = wall_now()
    deliver(account_id)

    (row,) = rows(account_id)
    assert [each.path for each in sink.heard] == ["/hook"]
    assert (row.state, row.count) == ("retrying", 1)
    assert before + 2 * MINUTE <= row.next_at <= wall_now() + 2 * MINUTE
    (attempt,) = attempts(account_id, row)
    assert (attempt.http_status, attempt.content) == (status, "heard\n")
    assert "Location: /elsewhere" in attempt.headers


def test_who_does_not_answer_in_time_has_failed(sink, monkeypatch):
    monkeypatch.setattr(egress, "TIMEOUT_SECONDS", 0.3)
    sink.answer = lambda _: None
    account_id = told_account(sink.url)
    say(account_id, "one")

    deliver(account_id)

    (row,) = rows(account_id)
    (attempt,) = attempts(account_id, row)
    assert row.state == "retrying"
    assert attempt.http_status is None
    assert "Timeout" in attempt.content
    assert 300 <= attempt.duration_ms < 2000


def test_this_machine_is_not_called_unless_it_is_on_the_development_list(sink, settings):
    account_id = told_account(sink.url)
    say(account_id, "one")
    settings.EGRESS_ALLOWED = frozenset()

    deliver(account_id)

    (row,) = rows(account_id)
    (attempt,) = attempts(account_id, row)
    assert sink.heard == []
    assert row.state == "retrying"
    assert attempt.content.startswith("AddressRefused")


def test_an_answer_is_kept_short_and_without_what_is_no_text(sink):
    raw = b"\x00\xff" + b"x" * 10_000
    account_id = told_account(sink.url)
    say(account_id, "one")
    sink.body = raw

    deliver(account_id)

    (attempt,) = attempts(account_id, rows(account_id)[0])
    assert attempt.content == "\ufffd\ufffd" + "x" * 2046


# Tries, order, and what waits.


def test_a_retry_sends_the_very_same_bytes(sink):
    sink.answer = 500
    account_id = told_account(sink.url)
    say(account_id, "one")
    deliver(account_id)
    sink.answer = 200

    assert deliver(account_id) == 0, "it is not due yet"
    let_pass(account_id, 2 * MINUTE)
    assert deliver(account_id) == 1

    first, second = sink.heard
    assert first.body == second.body
    (row,) = rows(account_id)
    assert (row.state, row.count) == ("completed", 2)
    assert row.first_fail_at is not None
    assert row.success_at is not None
    assert row.first_fail_at < row.success_at
    assert row.first_fail_at == row.last_fail_at


def test_a_failing_webhook_holds_up_the_later_ones_of_its_customer_and_nobody_elses(sink):
    sink.answer = lambda heard: 500 if heard.told["customer"] == "one" else 200
    account_id = told_account(sink.url)
    say(account_id, "one", "two")
    change(account_id, "one")
    change(account_id, "two")

    deliver(account_id)

    heard = [(each["customer"], each["event_type"]) for each in sink.told]
    assert sorted(heard) == [
        ("one", "customer_created"),
        ("two", "customer_changed"),
        ("two", "customer_created"),
    ]
    assert states(account_id) == ["retrying", "completed", "pending", "completed"]


def test_what_waited_goes_on_in_order_when_the_first_is_taken(sink):
    sink.answer = 500
    account_id = told_account(sink.url)
    say(account_id, "one")
    change(account_id, "one")
    change(account_id, "one")
    deliver(account_id)
    sink.heard.clear()
    sink.answer = 200

    let_pass(account_id, 2 * MINUTE)
    deliver(account_id)

    assert [each["id"] for each in sink.told] == [each.id.hex for each in rows(account_id)]
    assert sink.types() == ["customer_created", "customer_changed", "customer_changed"]


def test_a_broken_address_does_not_hold_up_the_same_customers_webhooks_elsewhere(sink, other):
    sink.answer = 500
    account_id = told_account(sink.url, other.url)
    say(account_id, "one")
    change(account_id, "one")

    deliver(account_id)

    assert other.types() == ["customer_created", "customer_changed"]
    assert sink.types() == ["customer_created"]


def test_after_three_days_it_is_given_up_and_the_next_has_its_one_try(sink):
    sink.answer = 500
    account_id = told_account(sink.url)
    say(account_id, "one")
    change(account_id, "one")
    deliver(account_id)

    let_pass(account_id, timedelta(days=3))
    deliver(account_id)

    assert states(account_id) == ["failed", "failed"]
    assert sink.types() == ["customer_created", "customer_created", "customer_changed"]


def test_behind_a_failing_webhook_no_more_than_a_hundred_wait(sink):
    sink.answer = lambda heard: 500 if heard.told["event_type"] == "customer_created" else 200
    account_id = told_account(sink.url)
    say(account_id, "one")
    change(account_id, "one", times=WAITING_MAX)

    deliver(account_id)

    assert states(account_id) == ["failed"] + ["completed"] * WAITING_MAX


def test_a_hanging_address_holds_up_no_other(sink, other, monkeypatch):
    monkeypatch.setattr(egress, "TIMEOUT_SECONDS", 4.0)
    sink.hang_seconds, sink.answer = 5.0, lambda _: None
    account_id = told_account(sink.url, other.url)
    say(account_id, *(f"c{n}" for n in range(60)))
    begun, ended = time.monotonic(), []

    def note(_):
        ended.append(time.monotonic())
        return 200

    other.answer = note

    deliver(account_id, seconds=3)

    assert len(ended) == 60
    assert ended[-1] - begun < 3
    assert len(sink.heard) <= 10


def test_an_address_that_fails_again_and_again_is_left_alone_for_a_while(sink):
    sink.answer = 500
    account_id = told_account(sink.url)
    say(account_id, *(f"c{n}" for n in range(40)))

    deliver(account_id, seconds=0.5)

    with tenant(account_id) as account:
        (endpoint,) = queries.endpoint_facts(account)
    assert len(sink.heard) == endpoint.failures == 10
    assert endpoint.rest_until is not None
    assert endpoint.rest_until > wall_now()
    assert states(account_id).count("pending") == 30


# Nothing is lost, nothing sent twice without need.


def test_two_dispatchers_at_once_send_each_webhook_once(sink):
    account_id = told_account(sink.url)
    say(account_id, *(f"c{n}" for n in range(200)))
    made = []

    def work():
        made.append(deliver(account_id))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sum(made) == 200
    assert len({each["id"] for each in sink.told}) == len(sink.heard) == 200
    assert set(states(account_id)) == {"completed"}


@pytest.mark.parametrize(
    ("point", "calls"), [("webhooks.claimed", 1), ("webhooks.sent", 2), ("webhooks.recorded", 2)]
)
def test_who_dies_between_claim_and_record_loses_nothing(sink, point, calls):
    account_id = told_account(sink.url)
    say(account_id, "one")

    assert die_at(point, account_id) == -signal.SIGKILL
    assert states(account_id) == ["pending"]
    assert deliver(account_id) == 0, "the lease of the dead one still holds"
    noted = due.next_at(account_id, [DUE_KIND])
    assert noted is not None, "nobody forgets it"
    assert noted > wall_now()
    let_pass(account_id, MINUTE)
    deliver(account_id)

    assert states(account_id) == ["completed"]
    assert len(sink.heard) == calls
    assert len({each.body for each in sink.heard}) == 1


def die_at(point, account_id):
    """The exit code of another process that delivers and is armed to die there."""
    name = django_settings.DATABASES["default"]["NAME"]
    code = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.db import connections\n"
        f"settings.EGRESS_ALLOWED = frozenset({{'127.0.0.1'}}); settings.NUDGE = False\n"
        f"connections['default'].settings_dict['NAME'] = {name!r}\n"
        "from uuid import UUID\n"
        "from webhooks.commands.deliver import deliver\n"
        f"deliver(UUID({str(account_id)!r}))\n"
    )
    environment = {**os.environ, "KONTOR_FAULTS": f"{point}:1:crash"}
    environment["DJANGO_SETTINGS_MODULE"] = "billing_platform.settings"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, timeout=60, check=False).returncode


def test_a_webhook_disabled_on_its_way_is_completed_when_it_was_taken_after_all(sink):
    account_id = told_account(sink.url)
    say(account_id, "one")
    (row,) = rows(account_id)

    def disabled_meanwhile(_):
        with tenant(account_id) as account:
            disable(account=account, ids=[row.id], actor="test", now=wall_now())
        connection.close()
        return 200

    sink.answer = disabled_meanwhile
    deliver(account_id)

    assert states(account_id) == ["completed"]
