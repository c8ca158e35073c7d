"""Once is once: keys, parallel callers, refunds, kills, and the share of lost answers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from kernel.ids import new_id
from kernel.money import Money
from payments.gateways.perform import perform
from payments.gateways.port import OutcomeState, RefundOrder
from payments.gateways.simulated import SimulatedGateway
from tests.payments.acquirer_process import SECRET, AcquirerProcess, magic_card, order_for


@pytest.fixture(scope="module")
def acquirer(tmp_path_factory):
    process = AcquirerProcess(tmp_path_factory.mktemp("charges")).start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def gateway(acquirer):
    gateway = acquirer.gateway()
    yield gateway
    gateway.close()


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


@pytest.fixture(scope="module")
def token(gateway):
    return gateway.store_card(magic_card("123")).token


def test_twenty_parallel_charges_with_one_key_capture_once(acquirer, gateway, token):
    order = order_for(token, 2500)
    together = threading.Barrier(20)

    def call(_):
        together.wait()
        return gateway.charge(order)

    with ThreadPoolExecutor(20) as pool:
        outcomes = set(pool.map(call, range(20)))
    assert len(outcomes) == 1
    assert outcomes.pop().state is OutcomeState.SUCCEEDED
    booked = acquirer.charges()[str(order.key)]
    assert (booked["captures"], booked["captured_minor"]) == (1, 2500)


def test_a_declined_charge_stays_declined_under_its_key(gateway):
    token = gateway.store_card(magic_card("102")).token
    order = order_for(token)
    assert gateway.charge(order).state is OutcomeState.SOFT_DECLINED
    assert gateway.charge(order).state is OutcomeState.SOFT_DECLINED
    assert gateway.charge(order_for(token)).state is OutcomeState.SUCCEEDED


@pytest.mark.parametrize(
    "change",
    [{"amount": Money(1001, "EUR")}, {"amount": Money(1000, "SEK")}, {"reference": "inv-2"}],
)
def test_a_key_used_for_another_order_is_refused_and_captures_nothing(
    acquirer, gateway, token, change
):
    order = order_for(token, 1000)
    gateway.charge(order)
    outcome = gateway.charge(replace(order, **change))
    assert (outcome.state, outcome.error) == (OutcomeState.UNKNOWN, "http_409")
    assert acquirer.charges()[str(order.key)]["captured_minor"] == 1000


def test_a_token_the_acquirer_never_gave_is_declined_for_good(gateway):
    outcome = gateway.charge(order_for("ct_unheard_of"))
    assert (outcome.state, outcome.error) == (OutcomeState.HARD_DECLINED, "declined_by_acquirer")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_minor", 0),
        ("amount_minor", -5),
        ("amount_minor", 2**63),
        ("amount_minor", 10.5),
        ("amount_minor", True),
        ("currency", "eur"),
        ("currency", "EURO"),
        ("reference", "a\x00b"),
        ("key", ""),
        ("callback_url", "file:///etc/passwd"),
    ],
)
def test_a_charge_that_cannot_be_right_is_refused_and_not_booked(acquirer, token, field, value):
    body = {"key": str(new_id()), "token": token, "amount_minor": 5, "currency": "EUR"}
    before = acquirer.summary()["charges"]
    status, answer = acquirer.post("/charges", **{**body, "reference": "r", field: value})
    assert (status, answer["error"]) == (400, "invalid_request")
    assert field in answer["message"]
    assert acquirer.summary()["charges"] == before


def test_the_largest_amount_is_booked_and_summed_to_the_cent(acquirer, gateway, token):
    largest = 2**63 - 1
    for _ in range(2):
        assert gateway.charge(order_for(token, largest, "ISK")).state is OutcomeState.SUCCEEDED
    assert acquirer.summary()["captured"]["ISK"] == 2 * largest


def test_refunds_never_pass_what_was_captured_and_happen_once_by_key(acquirer, gateway, token):
    order = order_for(token, 1000, "NOK")
    gateway.charge(order)
    part = RefundOrder(key=new_id(), charge_key=order.key, amount=Money(600, "NOK"))
    assert gateway.refund(part) == gateway.refund(part)
    assert gateway.refund(part).state is OutcomeState.SUCCEEDED
    too_much = gateway.refund(replace(part, key=new_id(), amount=Money(401, "NOK")))
    assert too_much.error == "refund_amount_too_high"
    rest = gateway.refund(replace(part, key=new_id(), amount=Money(400, "NOK")))
    assert rest.state is OutcomeState.SUCCEEDED
    assert acquirer.summary()["refunded"]["NOK"] == 1000


def test_a_refund_of_an_unknown_charge_moves_nothing(gateway):
    order = RefundOrder(key=new_id(), charge_key=new_id(), amount=Money(1, "EUR"))
    assert gateway.refund(order).error == "http_404"


def test_no_charge_that_was_answered_is_lost_by_a_kill(started):
    acquirer = started()
    gateway = acquirer.gateway()
    token = gateway.store_card(magic_card("123")).token
    orders = [order_for(token, 100 + n) for n in range(1500)]
    answered = threading.Semaphore(0)

    class Counting(SimulatedGateway):
        def charge(self, order):
            outcome = super().charge(order)
            answered.release()
            return outcome

    counting = Counting(url=acquirer.url, secret=SECRET, timeout=timedelta(seconds=10))
    with ThreadPoolExecutor(1) as background:
        load = background.submit(perform, orders, counting)
        for _ in range(300):
            answered.acquire()
        acquirer.kill()
        outcomes = load.result()
    sure = [outcome for outcome in outcomes if outcome.state is OutcomeState.SUCCEEDED]
    assert 300 <= len(sure) < 1500
    assert {o.state for o in outcomes} == {OutcomeState.SUCCEEDED, OutcomeState.UNKNOWN}

    acquirer.start()
    booked = acquirer.charges()
    assert {str(outcome.key) for outcome in sure} <= set(booked)
    assert all(gateway.look_up(outcome.key) == outcome for outcome in sure[:50])
    again = perform(orders, gateway)
    assert {outcome.state for outcome in again} == {OutcomeState.SUCCEEDED}
    summary = acquirer.summary()
    assert (summary["captures"], summary["doubled"]) == (1500, [])
    assert summary["captured"] == {"EUR": sum(order.amount.minor for order in orders)}
    counting.close()
    gateway.close()
    assert acquirer.stop() == 0


def test_a_share_of_lost_answers_settles_to_one_capture_each(started):
    acquirer = started(unknown_percent=20, hang_seconds="0.2", seed="4")
    gateway = acquirer.gateway(timeout=timedelta(milliseconds=120))
    token = gateway.store_card(magic_card("123")).token
    orders = [order_for(token, 700) for _ in range(80)]
    first = perform(orders, gateway, 8)
    lost = [o.key for o in first if o.state is OutcomeState.UNKNOWN]
    executed = [key for key in lost if gateway.look_up(key) is not None]
    assert 0 < len(executed) < len(lost) < 80
    again = perform(orders, gateway, 8)
    assert {outcome.state for outcome in again} == {OutcomeState.SUCCEEDED}
    summary = acquirer.summary()
    assert (summary["captures"], summary["doubled"]) == (80, [])
    assert summary["dropped"] == len(lost) - len(executed)
    gateway.close()
    assert acquirer.stop() == 0
