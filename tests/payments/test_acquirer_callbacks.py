"""Callbacks: late, doubled, early, repeated until heard, given up in the end."""

import time
from datetime import timedelta

import pytest

from kernel.clock import wall_now
from kernel.errors import Refused
from payments.gateways.port import OutcomeState
from tests.payments.acquirer_process import AcquirerProcess, Listener, magic_card, order_for


@pytest.fixture(scope="module")
def acquirer(tmp_path_factory):
    process = AcquirerProcess(tmp_path_factory.mktemp("callbacks")).start()
    yield process
    process.stop()


@pytest.fixture
def started(tmp_path):
    """Starts an acquirer with its own settings, stopped after the test however that ends."""
    processes = []

    def start(**settings):
        process = AcquirerProcess(tmp_path, **settings)
        processes.append(process)
        return process.start()

    yield start
    for process in processes:
        process.stop()


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.close()


def charged(acquirer, cvv, listener, minor=1000):
    """(order, outcome, when the answer was there)."""
    gateway = acquirer.gateway(callback_url=listener.url)
    order = order_for(gateway.store_card(magic_card(cvv)).token, minor)
    outcome = gateway.charge(order)
    gateway.close()
    return order, outcome, time.monotonic()


def test_a_charge_is_told_once_with_what_was_answered(acquirer, listener):
    order, outcome, _ = charged(acquirer, "123", listener, 1234)
    (heard,) = listener.wait_for(1)
    gateway = acquirer.gateway()
    callback = gateway.verify_callback(heard.headers, heard.body, now=wall_now())
    assert callback.outcome == outcome
    assert (callback.outcome.key, callback.reference) == (order.key, "inv-1")
    assert abs(callback.occurred_at - wall_now()) < timedelta(minutes=1)


def test_a_decline_is_told_too(acquirer, listener):
    charged(acquirer, "100", listener)
    (heard,) = listener.wait_for(1)
    told = (heard.event["state"], heard.event["error"])
    assert told == ("hard_declined", "credit_card_expired")


def test_a_charge_in_processing_is_captured_only_with_its_late_callback(acquirer, listener):
    order, outcome, answered_at = charged(acquirer, "402", listener)
    assert outcome.state is OutcomeState.PROCESSING
    assert acquirer.charges()[str(order.key)]["captures"] == 0
    (heard,) = listener.wait_for(1)
    assert heard.at - answered_at > 0.1
    assert heard.event["state"] == "succeeded"
    assert acquirer.charges()[str(order.key)]["captures"] == 1


def test_a_doubled_callback_is_the_same_event_twice_and_one_capture(acquirer, listener):
    order, _, _ = charged(acquirer, "403", listener)
    first, second = listener.wait_for(2)
    assert first.event == second.event
    assert acquirer.charges()[str(order.key)]["captures"] == 1


def test_an_early_callback_is_there_before_the_answer(acquirer, listener):
    _, outcome, answered_at = charged(acquirer, "404", listener)
    (heard,) = listener.heard
    assert heard.at < answered_at
    assert heard.event["gateway_reference"] == outcome.gateway_reference


def test_a_callback_that_was_not_taken_comes_again_with_the_same_event(acquirer):
    listener = Listener(refusals=2)
    charged(acquirer, "123", listener)
    heard = listener.wait_for(3)
    assert len({each.event["event_id"] for each in heard}) == 1
    listener.close()


def test_a_callback_nobody_takes_is_given_up_and_the_capture_stays(started):
    acquirer = started(callback_retry_seconds="0")
    listener = Listener(refusals=100)
    order, _, _ = charged(acquirer, "123", listener)
    listener.wait_for(6)
    deadline = time.monotonic() + 3
    while acquirer.summary()["callbacks"]["given_up"] == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert acquirer.summary()["callbacks"] == {"delivered": 0, "waiting": 0, "given_up": 1}
    assert (len(listener.heard), acquirer.charges()[str(order.key)]["captures"]) == (6, 1)
    listener.close()


def test_what_was_late_when_the_process_was_killed_is_settled_and_told_after_the_restart(
    started, listener
):
    acquirer = started(late_seconds="0.8")
    order, outcome, _ = charged(acquirer, "402", listener, 4200)
    acquirer.kill()
    assert (outcome.state, listener.heard) == (OutcomeState.PROCESSING, [])
    acquirer.start()
    (heard,) = listener.wait_for(1)
    assert (heard.event["key"], heard.event["state"]) == (str(order.key), "succeeded")
    assert acquirer.summary()["captured"] == {"EUR": 4200}
    assert acquirer.stop() == 0


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_callback_from_another_time_is_refused(acquirer, listener, minutes):
    charged(acquirer, "123", listener)
    (heard,) = listener.wait_for(1)
    with pytest.raises(Refused, match="not signed"):
        acquirer.gateway().verify_callback(
            heard.headers, heard.body, now=wall_now() + timedelta(minutes=minutes)
        )


def test_a_callback_with_another_amount_is_refused(acquirer, listener):
    charged(acquirer, "123", listener, 1000)
    (heard,) = listener.wait_for(1)
    forged = heard.body.replace(b"1000", b"9000")
    assert forged != heard.body
    with pytest.raises(Refused, match="not signed"):
        acquirer.gateway().verify_callback(heard.headers, forged, now=wall_now())
