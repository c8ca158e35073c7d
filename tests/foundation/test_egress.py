"""Calls to addresses that others choose never reach us, this machine or a cloud's own keeper."""

import asyncio
import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from yarl import URL

from billing_platform.settings.egress import allowed
from foundation import egress
from foundation.egress import (
    AddressRefused,
    Call,
    PinningResolver,
    open_line,
    refuse,
    refuse_private,
    send_all,
)
from kernel.ids import new_id

LOCAL = frozenset({"127.0.0.1", "localhost"})

NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "5f00::1",
    "4000::1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]

DISGUISED = [
    "http://2130706433/",
    "http://127.1/",
    "http://127.0.1/",
    "http://0177.0.0.1/",
    "http://0/",
    "http://017700000001/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
    "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
    "http://127\u30020\u30020\u30021/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://user:pass@127.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "https://127.0.0.1/",
]
REASONS = ("not a public address", "nor an address in full", "no name of the public net")

NO_ADDRESS = [
    "",
    "/",
    "127.0.0.1",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1/",
    "unix:///tmp/x",
    "http://",
    "http:///x",
    "http://[::1/",
    "http://127.0.0.1:99999/",
    "http://exa mple/",
    "http://a\x00b/",
]


class Listener(BaseHTTPRequestHandler):
    """Answers by its path, and counts who came."""

    seen: list[tuple[str, bytes, dict[str, str]]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append((self.path, body, dict(self.headers)))
        answer = getattr(self, f"answer_{self.path.strip('/')}", self.answer_plain)
        try:
            answer()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_plain(self):
        self.say(200, b"thanks")

    def answer_away(self):
        self.say(302, Location="/secret")

    def answer_long(self):
        self.say(200, b"x" * (1024 * 1024))

    def answer_packed(self):
        self.say(200, gzip.compress(b"0" * 30_000_000), Content_Encoding="gzip")

    def answer_broken(self):
        self.say(500, b"no")

    def answer_slow(self):
        time.sleep(3)

    def answer_drip(self):
        self.send_response(200)
        self.end_headers()
        for _ in range(30):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def answer_pause(self):
        time.sleep(0.2)
        self.say(200)

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture(scope="module")
def server():
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.server_port}"
    listener.shutdown()
    listener.server_close()


@pytest.fixture(autouse=True)
def nobody_came():
    Listener.seen.clear()


def send(url, allowed=LOCAL, **rest):
    (reply,) = send_all([Call(url=url, **rest)], allowed=allowed)
    return reply


# Who may be called.


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused(address):
    with pytest.raises(AddressRefused, match="not a public address"):
        refuse_private(address, "example.org", frozenset())


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not_refused(address):
    refuse_private(address, "example.org", frozenset())


@pytest.mark.parametrize("url", DISGUISED)
def test_this_machine_in_disguise_is_not_reached(server, monkeypatch, url):
    port = server.rpartition(":")[2]
    monkeypatch.setattr(egress, "PORTS", {int(port)})
    reply = send(f"{url.rstrip('/')}:{port}/", allowed=frozenset())
    assert reply.status is None
    assert any(each in reply.failure for each in REASONS), reply.failure
    assert Listener.seen == []


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "db",
        "x.internal",
        "printer.local",
        "1.2.0x7f",
        "0x7f000001",
        "a..example.org",
        "-a.example.org",
        f"{'a' * 64}.example.org",
        "a." * 127 + "org",
    ],
)
def test_a_name_that_the_public_net_cannot_know_is_refused_before_it_is_looked_up(host):
    with pytest.raises((AddressRefused, ValueError)):
        refuse(URL(f"http://{host}/"), frozenset())


@pytest.mark.parametrize("host", ["example.org", "a-1.b_2.example.org.", "m\u00fcnchen.example"])
def test_a_name_of_the_public_net_is_judged_when_it_is_called(host):
    refuse(URL(f"https://{host}/"), frozenset())


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address_is_a_failure_and_no_crash(url):
    reply = send(url)
    assert reply.status is None
    assert reply.failure


def resolve(monkeypatch, *addresses, allowed=frozenset()):
    async def look_up(*_, **__):
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, 443))
            for each in addresses
        ]

    async def ask():
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
        return await PinningResolver(allowed).resolve("example.org", 443)

    return [each["host"] for each in asyncio.run(ask())]


def test_a_name_is_connected_to_by_the_very_addresses_that_were_judged(monkeypatch):
    assert resolve(monkeypatch, "93.184.216.34", "2606:4700::1111") == [
        "93.184.216.34",
        "2606:4700::1111",
    ]


@pytest.mark.parametrize("private", ["10.0.0.1", "::1", "169.254.169.254"])
def test_a_name_with_one_private_address_among_its_addresses_is_refused(monkeypatch, private):
    with pytest.raises(AddressRefused):
        resolve(monkeypatch, "93.184.216.34", private)


def test_a_name_on_the_development_list_may_lead_anywhere(monkeypatch):
    allowed = frozenset({"example.org"})
    assert resolve(monkeypatch, "10.0.0.1", allowed=allowed) == ["10.0.0.1"]


@pytest.mark.parametrize("port", ["22", "5432", "6379", "8080"])
def test_only_the_ports_of_the_web_are_called(port):
    reply = send(f"http://example.org:{port}/", allowed=frozenset())
    assert "ports 80 and 443 alone" in reply.failure


def test_only_the_listed_names_are_let_through(server):
    assert send(server, allowed=frozenset({"127.0.0.1"})).status == 200
    assert send(server, allowed=frozenset({"localhost"})).failure.startswith("AddressRefused")
    assert send(server, allowed=frozenset()).failure.startswith("AddressRefused")


# What goes out and what comes back.


def test_the_body_goes_out_byte_for_byte_and_the_reply_comes_back(server):
    body = bytes(range(256))
    reply = send(f"{server}/plain", body=body, headers={"X-Signature": "abc"})
    assert (reply.status, reply.body, reply.failure) == (200, b"thanks", "")
    ((path, received, headers),) = Listener.seen
    assert (path, received, headers["X-Signature"]) == ("/plain", body, "abc")


def test_a_redirect_is_an_answer_and_is_not_followed(server):
    assert send(f"{server}/away").status == 302
    assert [path for path, *_ in Listener.seen] == ["/away"]


def test_a_failing_server_is_a_reply_with_its_status(server):
    assert send(f"{server}/broken").status == 500


def test_of_a_long_body_64_kib_are_kept(server):
    reply = send(f"{server}/long")
    assert (reply.status, len(reply.body)) == (200, 64 * 1024)


def test_a_packed_body_is_not_unpacked(server):
    reply = send(f"{server}/packed")
    assert reply.status == 200
    assert reply.body.startswith(b"\x1f\x8b")
    assert len(reply.body) <= 64 * 1024


@pytest.mark.parametrize("path", ["slow", "drip"])
def test_who_answers_too_slowly_gives_a_failure_in_time(server, monkeypatch, path):
    monkeypatch.setattr(egress, "TIMEOUT_SECONDS", 0.4)
    before = time.monotonic()
    reply = send(f"{server}/{path}")
    assert reply.status is None
    assert "Timeout" in reply.failure
    assert time.monotonic() - before < 2


def test_who_waits_for_slow_neighbours_does_not_pay_with_its_own_time(server, monkeypatch):
    monkeypatch.setattr(egress, "TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(egress, "AT_ONCE", 2)
    replies = send_all([Call(url=f"{server}/pause")] * 8, allowed=LOCAL)
    assert [each.status for each in replies] == [200] * 8


def test_nobody_listening_is_a_failure():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        reply = send(f"http://127.0.0.1:{free.getsockname()[1]}/")
    assert reply.status is None
    assert "ClientConnectorError" in reply.failure


def test_a_header_that_smuggles_a_line_is_refused(server):
    reply = send(server, headers={"X-Name": "a\r\nX-Other: b"})
    assert reply.status is None
    assert Listener.seen == []


def test_replies_come_in_the_order_of_the_calls(server):
    paths = ["/pause", "/plain", "/broken", "/away"]
    replies = send_all([Call(url=server + each) for each in paths], allowed=LOCAL)
    assert [each.status for each in replies] == [200, 200, 500, 302]


def test_no_proxy_of_the_environment_is_asked(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert send(f"{server}/plain").status == 200


# A line: calls as they are given, replies as they arrive.


def test_on_a_line_replies_come_as_they_arrive_and_under_the_key_of_their_call(server):
    keys = {name: new_id() for name in ("slow", "pause", "plain")}
    order: list[Any] = []
    with open_line(allowed=LOCAL) as line:
        line.send({key: Call(url=f"{server}/{name}") for name, key in keys.items()})
        while len(order) < 2:
            order += line.replies(at_least=1, within=0, patience=2)

    assert [key for key, _ in order] == [keys["plain"], keys["pause"]]
    assert [reply.status for _, reply in order] == [200, 200]
    assert order[1][1].seconds >= 0.2 > order[0][1].seconds


def test_a_line_waits_no_longer_than_it_is_told(server):
    with open_line(allowed=LOCAL) as line:
        line.send({new_id(): Call(url=f"{server}/slow")})
        before = time.monotonic()
        assert line.replies(at_least=1, within=1, patience=0.1) == []
        assert time.monotonic() - before < 1


def test_a_line_gathers_the_replies_that_come_close_together(server):
    with open_line(allowed=LOCAL) as line:
        line.send({new_id(): Call(url=f"{server}/plain") for _ in range(20)})
        replies = line.replies(at_least=20, within=3, patience=3)

    assert len({key for key, _ in replies}) == 20


def test_a_fault_of_our_own_on_a_line_is_a_failure_of_its_call_alone(server, monkeypatch):
    def broken(response):
        raise RuntimeError("our own fault")

    with open_line(allowed=LOCAL) as line:
        monkeypatch.setattr(egress, "_headers", broken)
        line.send({new_id(): Call(url=f"{server}/plain")})
        ((_, first),) = line.replies(at_least=1, within=0, patience=3)
        monkeypatch.undo()
        line.send({new_id(): Call(url=f"{server}/plain")})
        ((_, second),) = line.replies(at_least=1, within=0, patience=3)

    assert (first.status, first.failure) == (None, "RuntimeError: our own fault")
    assert second.status == 200


def test_the_headers_come_back_as_they_came(server):
    headers = send(f"{server}/away").headers.decode().splitlines()

    assert "Location: /secret" in headers
    assert len(send(f"{server}/plain").headers) <= egress.HEADERS_MAX


# The development list.


def test_the_development_list_is_refused_where_strangers_reach_us():
    assert allowed(["localhost"], "http://127.0.0.1:8000") == {"localhost"}
    assert allowed([], "https://kontor.example") == frozenset()
    with pytest.raises(ImproperlyConfigured, match="for development alone"):
        allowed(["localhost"], "https://kontor.example")
