"""What the adapter makes of answers that no sane provider gives, and of connections that die."""

import json
import re
import socket
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest

from kernel.errors import Invalid, Upstream
from kernel.ids import new_id
from kernel.money import Money
from payments.gateways.cards import card_of_test_token
from payments.gateways.perform import perform
from payments.gateways.port import Outcome, OutcomeState, RefundOrder, unknown
from payments.gateways.registry import gateway as gateway_of
from payments.gateways.simulated import SimulatedGateway
from tests.payments.acquirer_process import SECRET, free_port, order_for

ORDER = order_for("ct_1", 1999)
GOOD = {
    "key": str(ORDER.key),
    "state": "succeeded",
    "error": None,
    "gateway_reference": "sim_1",
    "amount_minor": 1999,
    "currency": "EUR",
}


def http(status, body, *, length=None, more=""):
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\nContent-Length: {size}\r\n{more}\r\n{body}".encode()


def ok(**changes):
    body = {name: value for name, value in {**GOOD, **changes}.items() if value != "left out"}
    return http(200, json.dumps(body))


def whole_request(connection):
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += connection.recv(65536)
    head, _, body = raw.partition(b"\r\n\r\n")
    size = re.search(rb"content-length: (\d+)", head.lower())
    while size and len(body) < int(size[1]):
        body += connection.recv(65536)
    return head + body


@contextmanager
def answering(*answers):
    """A server that reads one request per connection, writes the next raw answer and hangs up;
    yields its URL and the list of what it read."""
    server = socket.create_server(("127.0.0.1", 0))
    read: list[bytes] = []

    def serve():
        for raw in answers:
            connection, _ = server.accept()
            with connection:
                read.append(whole_request(connection))
                if raw is None:
                    time.sleep(0.4)
                else:
                    connection.sendall(raw)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", read
    finally:
        thread.join(5)
        server.close()


def adapter(url):
    return SimulatedGateway(url=url, secret=SECRET, timeout=timedelta(milliseconds=200))


BROKEN = {
    "timeout": (None, "timeout"),
    "closed without a byte": (b"", "connection_lost"),
    "closed within the head": (b"HTTP/1.1 200 OK\r\nContent-", "empty_answer"),
    "not http": (b"\x00\x01\x02 nonsense\r\n\r\n", "connection_lost"),
    "500": (http(500, "oops"), "http_500"),
    "503 with a good body": (http(503, json.dumps(GOOD)), "http_503"),
    "429": (http(429, "{}"), "http_429"),
    "404": (http(404, "{}"), "http_404"),
    "401": (http(401, '{"error": "bad_signature"}'), "http_401"),
    "201 with a good body": (http(201, json.dumps(GOOD)), "http_201"),
    "redirect": (http(302, "", more="Location: http://127.0.0.1:1/\r\n"), "http_302"),
    "html": (http(200, "<html>Welcome to the hotel</html>"), "not_json"),
    "empty": (http(200, ""), "empty_answer"),
    "truncated by length": (http(200, json.dumps(GOOD)[:40], length=400), "truncated_answer"),
    "truncated json": (http(200, json.dumps(GOOD)[:40]), "not_json"),
    "truncated chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{",
        "truncated_answer",
    ),
    "not utf-8": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe", "not_json"),
    "too long": (http(200, "x", length=1 << 30)[:-1] + b"x" * (2 << 20), "answer_too_long"),
    "nested beyond measure": (http(200, "[" * 100_000), "not_json"),
    "list": (http(200, "[]"), "not_an_object"),
    "error body": (http(200, '{"error": "internal"}'), "state_not_understood"),
    "new state": (ok(state="partially_succeeded"), "state_not_understood"),
    "its own unknown": (ok(state="unknown"), "state_not_understood"),
    "state of another type": (ok(state=["succeeded"]), "state_not_understood"),
    "error of another type": (ok(error=5), "answer_incomplete"),
    "no reference": (ok(gateway_reference="left out"), "answer_incomplete"),
    "no key": (ok(key="left out"), "answer_incomplete"),
    "key that is none": (ok(key="17"), "answer_incomplete"),
    "another key": (ok(key=str(new_id())), "key_differs"),
    "no amount": (ok(amount_minor="left out"), "amount_not_understood"),
    "amount as text": (ok(amount_minor="1999"), "amount_not_understood"),
    "amount with a point": (ok(amount_minor=1999.0), "amount_not_understood"),
    "amount beyond bigint": (ok(amount_minor=2**63), "amount_not_understood"),
    "another amount": (ok(amount_minor=2000), "amount_differs"),
    "another currency": (ok(currency="SEK"), "amount_differs"),
    "no such currency": (ok(currency="XQQ"), "amount_not_understood"),
}


@pytest.mark.parametrize(("raw", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_whatever_is_not_understood_after_a_charge_is_unknown(raw, reason):
    with answering(raw) as (url, _):
        outcome = adapter(url).charge(ORDER)
    assert outcome == unknown(ORDER.key, reason)


# a look-up tells what was booked; comparing the money is for the caller
BROKEN_LOOK_UPS = {name: raw for name, (raw, why) in BROKEN.items() if why != "amount_differs"}


@pytest.mark.parametrize("raw", BROKEN_LOOK_UPS.values(), ids=BROKEN_LOOK_UPS.keys())
def test_a_look_up_that_is_not_understood_says_so_and_never_not_found(raw):
    with answering(raw) as (url, _), pytest.raises(Upstream) as problem:
        adapter(url).look_up(ORDER.key)
    assert problem.value.code == "gateway_look_up_failed"


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("succeeded", None),
        ("soft_declined", "insufficient_funds"),
        ("hard_declined", "credit_card_expired"),
        ("processing", None),
    ],
)
def test_a_whole_answer_is_taken_at_its_word(state, error):
    with answering(ok(state=state, error=error)) as (url, _):
        outcome = adapter(url).charge(ORDER)
    assert outcome == Outcome(
        key=ORDER.key,
        state=OutcomeState(state),
        error=error,
        gateway_reference="sim_1",
        amount=Money(1999, "EUR"),
    )


def test_only_the_acquirers_own_word_means_not_found():
    with answering(http(404, '{"error": "not_found"}')) as (url, _):
        assert adapter(url).look_up(ORDER.key) is None


def test_nobody_listening_is_unknown_for_a_charge_and_a_failure_for_a_look_up():
    nobody = adapter(f"http://127.0.0.1:{free_port()}")
    assert nobody.charge(ORDER) == unknown(ORDER.key, "no_connection")
    with pytest.raises(Upstream, match="Ask again later"):
        nobody.look_up(ORDER.key)


def test_a_refund_answered_with_other_money_is_unknown():
    refund = RefundOrder(key=ORDER.key, charge_key=new_id(), amount=Money(5, "EUR"))
    with answering(ok(amount_minor=500)) as (url, _):
        assert adapter(url).refund(refund) == unknown(refund.key, "amount_differs")


@pytest.mark.parametrize("raw", [None, b"", http(500, "x"), http(200, "{}"), http(422, "[]")])
def test_a_card_that_got_no_whole_answer_is_not_stored(raw):
    card = card_of_test_token("ct_test_4111111111111111_1239_123_x")
    with answering(raw) as (url, _), pytest.raises(Upstream) as problem:
        adapter(url).store_card(card)
    assert problem.value.code == "acquirer_communication_error"
    assert "4111" not in str(problem.value)


def test_a_charge_is_never_sent_twice_by_the_adapter():
    with answering(b"", ok()) as (url, read):
        gateway = adapter(url)
        assert gateway.charge(ORDER).state is OutcomeState.UNKNOWN
        assert len(read) == 1
        assert gateway.charge(ORDER).state is OutcomeState.SUCCEEDED
        gateway.close()
    assert len(read) == 2


def test_a_kept_connection_that_the_other_side_closed_is_not_used():
    with answering(ok(), ok()) as (url, read):
        gateway = adapter(url)
        assert gateway.charge(ORDER).state is OutcomeState.SUCCEEDED
        time.sleep(0.05)
        assert gateway.charge(ORDER).state is OutcomeState.SUCCEEDED
        gateway.close()
    assert len(read) == 2


def test_one_order_that_breaks_the_adapter_does_not_lose_the_others(caplog):
    orders = [order_for("ct_1", n) for n in range(1, 31)]

    class Breaking(SimulatedGateway):
        def charge(self, order):
            if order.amount.minor == 13:
                raise ZeroDivisionError
            time.sleep(0.001 * (order.amount.minor % 3))
            return Outcome(
                key=order.key,
                state=OutcomeState.SUCCEEDED,
                error=None,
                gateway_reference="r",
                amount=order.amount,
            )

    breaking = Breaking(url="http://127.0.0.1:1", secret=SECRET, timeout=timedelta(seconds=1))
    outcomes = perform(orders, breaking, threads=8)
    assert [outcome.key for outcome in outcomes] == [order.key for order in orders]
    assert outcomes[12] == unknown(orders[12].key, "adapter_failed")
    assert [o.state for o in outcomes].count(OutcomeState.SUCCEEDED) == 29
    assert "ZeroDivisionError" in caplog.text


def test_no_orders_need_no_gateway():
    assert perform([], adapter("http://127.0.0.1:1")) == []


def test_a_gateway_is_found_by_its_name_and_no_other():
    found = gateway_of("simulated", url="http://127.0.0.1:1", secret="s")
    assert isinstance(found, SimulatedGateway)
    with pytest.raises(Invalid, match='no gateway "stripes"'):
        gateway_of("stripes", url="http://127.0.0.1:1", secret="s")


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:1", "127.0.0.1:1", "http://h:1/path", "http://"]
)
def test_an_address_the_adapter_cannot_serve_is_refused_at_once(url):
    with pytest.raises(ValueError, match="http://host:port"):
        adapter(url)
