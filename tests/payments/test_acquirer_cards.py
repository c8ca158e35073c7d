"""How the test cards behave, through the real process, and the tables behind them."""

import time
from datetime import timedelta

import pytest

from kernel.errors import Refused, Upstream
from payments.acquirer.cards import BRANDS, Chance, Timing, behaviour_of, judge, timing_of
from payments.gateways.port import OutcomeState
from tests.payments.acquirer_process import VISA, AcquirerProcess, magic_card, order_for

pytestmark = pytest.mark.feature("F021")


@pytest.fixture(scope="module")
def acquirer(tmp_path_factory):
    process = AcquirerProcess(tmp_path_factory.mktemp("cards"), hang_seconds=1).start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def gateway(acquirer):
    gateway = acquirer.gateway()
    yield gateway
    gateway.close()


def paid(gateway, cvv, times=1, minor=1000):
    """(state, error) of that many payments, one after another, with one stored card."""
    token = gateway.store_card(magic_card(cvv)).token
    outcomes = [gateway.charge(order_for(token, minor)) for _ in range(times)]
    return [(outcome.state.value, outcome.error) for outcome in outcomes]


@pytest.mark.parametrize(("pan", "brand"), BRANDS.items())
def test_every_test_number_is_stored_under_its_brand_and_masked(gateway, pan, brand):
    stored = gateway.store_card(magic_card("123", pan))
    mask = "X" * (len(pan) - 10)
    assert (stored.brand, stored.masked_number) == (brand, f"{pan[:6]}{mask}{pan[-4:]}")
    assert stored.expiry == "1239"


@pytest.mark.parametrize(
    ("cvv", "error", "kind"),
    [
        ("001", "credit_card_expired", Refused),
        ("002", "declined_by_acquirer", Refused),
        ("003", "insufficient_funds", Refused),
        ("004", "acquirer_error", Upstream),
        ("005", "acquirer_communication_error", Upstream),
    ],
)
def test_a_card_that_cannot_be_stored_says_why(gateway, cvv, error, kind):
    with pytest.raises(kind) as refusal:
        gateway.store_card(magic_card(cvv))
    assert refusal.value.code == error


def test_code_006_fails_only_after_the_long_wait(gateway):
    began = time.monotonic()
    with pytest.raises(Upstream, match="could not be stored now"):
        gateway.store_card(magic_card("006"))
    assert time.monotonic() - began >= 0.6


def test_a_card_past_its_month_is_not_stored(acquirer):
    status, body = acquirer.post("/tokens", pan=VISA, expiry="1225", cvv="123")
    assert (status, body["error"]) == (422, "credit_card_expired")


SUCCEEDED = ("succeeded", None)
FAILURES = {
    "0": ("hard_declined", "credit_card_expired"),
    "1": ("hard_declined", "declined_by_acquirer"),
    "2": ("soft_declined", "insufficient_funds"),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_codes_100_fail_the_first_later_payment_only(gateway, kind):
    assert paid(gateway, f"10{kind}", 3) == [FAILURES[kind], SUCCEEDED, SUCCEEDED]


@pytest.mark.parametrize("kind", FAILURES)
def test_codes_200_fail_the_second_later_payment_only(gateway, kind):
    assert paid(gateway, f"20{kind}", 3) == [SUCCEEDED, FAILURES[kind], SUCCEEDED]


@pytest.mark.parametrize("kind", FAILURES)
def test_codes_300_fail_some_payments_and_not_others(gateway, kind):
    assert set(paid(gateway, f"30{kind}", 20)) == {FAILURES[kind], SUCCEEDED}


@pytest.mark.parametrize(
    ("minor", "state", "error"),
    [
        (1000, "succeeded", None),
        (1001, "soft_declined", "acquirer_communication_error"),
        (1002, "soft_declined", "acquirer_error"),
        (1003, "soft_declined", "acquirer_integration_error"),
        (1004, "soft_declined", "acquirer_authentication_error"),
        (1005, "soft_declined", "acquirer_configuration_error"),
        (1006, "soft_declined", "acquirer_rejected_error"),
        (2001, "soft_declined", "insufficient_funds"),
        (2002, "soft_declined", "settle_blocked"),
        (3001, "hard_declined", "credit_card_expired"),
        (3002, "hard_declined", "declined_by_acquirer"),
        (3003, "hard_declined", "credit_card_lost_or_stolen"),
        (3004, "hard_declined", "credit_card_suspected_fraud"),
        (3005, "hard_declined", "authorization_expired"),
        (3006, "hard_declined", "authorization_amount_exceeded"),
        (3007, "hard_declined", "authorization_voided"),
        (1337, "hard_declined", "sca_required"),
        (4711, "succeeded", None),
    ],
)
def test_code_888_lets_the_amount_decide(gateway, minor, state, error):
    assert paid(gateway, "888", minor=minor) == [(state, error)]


@pytest.mark.parametrize("cvv", ["123", "000", "999", "1234"])
def test_any_other_code_always_succeeds(gateway, cvv):
    assert paid(gateway, cvv, 3) == [SUCCEEDED] * 3


def test_a_time_out_after_executing_is_found_by_our_key(acquirer, gateway):
    impatient = acquirer.gateway(timeout=timedelta(milliseconds=300))
    order = order_for(gateway.store_card(magic_card("400")).token, 1999)
    outcome = impatient.charge(order)
    assert (outcome.state, outcome.error) == (OutcomeState.UNKNOWN, "timeout")
    found = gateway.look_up(order.key)
    assert (found.state, found.amount) == (OutcomeState.SUCCEEDED, order.amount)
    assert gateway.charge(order) == found
    assert acquirer.charges()[str(order.key)]["captures"] == 1


def test_a_time_out_without_executing_leaves_nothing_until_the_same_key_comes_again(
    acquirer, gateway
):
    impatient = acquirer.gateway(timeout=timedelta(milliseconds=300))
    order = order_for(gateway.store_card(magic_card("401")).token, 2999)
    assert impatient.charge(order).state is OutcomeState.UNKNOWN
    assert gateway.look_up(order.key) is None
    assert gateway.charge(order).state is OutcomeState.SUCCEEDED
    booked = acquirer.charges()[str(order.key)]
    assert (booked["captures"], booked["captured_minor"]) == (1, 2999)


def test_a_hanging_charge_ends_in_a_cut_line_and_not_in_an_answer(acquirer, gateway):
    order = order_for(gateway.store_card(magic_card("400")).token)
    began = time.monotonic()
    outcome = gateway.charge(order)
    assert (outcome.state, outcome.error) == (OutcomeState.UNKNOWN, "connection_lost")
    assert time.monotonic() - began >= 1


def test_the_share_of_unknown_answers_is_half_executed_and_the_same_for_the_same_seed():
    chance = Chance(seed="7", unknown_percent=10)
    timings = [timing_of("success", key=f"key-{n}", chance=chance) for n in range(4000)]
    again = [timing_of("success", key=f"key-{n}", chance=chance) for n in range(4000)]
    other = Chance(seed="8", unknown_percent=10)
    assert timings == again
    assert timings != [timing_of("success", key=f"key-{n}", chance=other) for n in range(4000)]
    assert 320 <= sum(timing is not Timing.PROMPT for timing in timings) <= 480
    assert 150 <= timings.count(Timing.LOST_AFTER_EXECUTING) <= 250
    assert 150 <= timings.count(Timing.LOST_BEFORE_EXECUTING) <= 250


def test_a_card_of_chance_gives_one_key_one_answer():
    chance = Chance(seed="7")
    verdicts = {judge("300", key="k", amount_minor=1, nth=n, chance=chance) for n in range(9)}
    assert len(verdicts) == 1


def test_only_codes_of_the_table_are_kept():
    assert [behaviour_of(cvv) for cvv in ("100", "888", "403", "123", "4711")] == [
        "100",
        "888",
        "403",
        "success",
        "success",
    ]
