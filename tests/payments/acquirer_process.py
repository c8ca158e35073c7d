"""The simulated acquirer as a real process on a free loopback port, and ears for its callbacks."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from kernel.clock import wall_now
from kernel.ids import new_id
from kernel.money import Money
from payments.acquirer.signing import Envelope, signed_headers
from payments.gateways.cards import CardDetails, card_of_test_token
from payments.gateways.port import ChargeOrder
from payments.gateways.simulated import SimulatedGateway

REPOSITORY = Path(__file__).resolve().parents[2]
SECRET = "a secret of the tests"
VISA = "4111111111111111"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class AcquirerProcess:
    """Settings: the names after KONTOR_ACQUIRER_, in lower case; delays are short unless given."""

    def __init__(self, directory: Path, **settings: object) -> None:
        self.book = directory / "book.sqlite"
        self.log = directory / "output.txt"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        short = {"hang_seconds": 2, "slow_store_seconds": "0.6", "late_seconds": "0.3"}
        given = {**short, "callback_retry_seconds": "0.05", "seed": "tests", **settings}
        given |= {"port": self.port, "secret": SECRET, "book": self.book}
        self._environment = {
            f"KONTOR_ACQUIRER_{name.upper()}": str(value) for name, value in given.items()
        }
        self._process: subprocess.Popen[bytes]

    def start(self):
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "payments.acquirer"],
                cwd=REPOSITORY,
                env={**os.environ, **self._environment},
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + 10
        while not self._answers():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, "the acquirer did not come up in 10 s"
            time.sleep(0.03)
        return self

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self):
        """The exit code after SIGTERM."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(10)

    def gateway(self, *, timeout=timedelta(seconds=10), callback_url=None):
        return SimulatedGateway(
            url=self.url, secret=SECRET, timeout=timeout, callback_url=callback_url
        )

    def request(self, method, path, body=b"", *, headers=None):
        """A raw exchange as (status, JSON); signed unless headers are given."""
        if headers is None:
            at = int(wall_now().timestamp())
            headers = signed_headers(SECRET, Envelope(f"{method} {path}", body), at=at)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def post(self, path, **body):
        return self.request("POST", path, json.dumps(body).encode())

    def summary(self):
        return self.request("GET", "/book/summary")[1]

    def charges(self):
        """Every booked charge by key, with its captures, over all pages."""
        found: dict[str, dict[str, Any]] = {}
        after = 0
        while after is not None:
            page = self.request("GET", f"/book/charges?after={after}")[1]
            found |= {charge["key"]: charge for charge in page["charges"]}
            after = page["next"]
        return found

    def everything_written(self):
        """The bytes of the book's files and of all that the process has said."""
        with sqlite3.connect(self.book) as book:
            dump = "\n".join(book.iterdump()).encode()
        book.close()
        files = [*self.book.parent.glob("book.sqlite*"), self.log]
        return dump + b"".join(file.read_bytes() for file in files)

    def _answers(self):
        try:
            return self.request("GET", "/healthz", headers={})[0] == 200
        except OSError:
            return False


def magic_card(cvv: str, pan: str = VISA) -> CardDetails:
    return card_of_test_token(f"ct_test_{pan}_1239_{cvv}_x")


def order_for(token: str, minor: int = 1000, currency: str = "EUR", key=None) -> ChargeOrder:
    return ChargeOrder(
        key=key or new_id(), token=token, amount=Money(minor, currency), reference="inv-1"
    )


@dataclass
class Heard:
    at: float
    headers: dict[str, str]
    body: bytes
    event: dict[str, Any] = field(init=False)

    def __post_init__(self):
        self.event = json.loads(self.body)


class Listener:
    """Takes callbacks; `refusals` is how many it answers with 503 before it takes one."""

    def __init__(self, refusals: int = 0) -> None:
        self.heard: list[Heard] = []
        self.refusals = refusals
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hear"

    def wait_for(self, count: int, seconds: float = 5):
        deadline = time.monotonic() + seconds
        while len(self.heard) < count:
            assert time.monotonic() < deadline, f"heard {len(self.heard)} of {count} callbacks"
            time.sleep(0.01)
        return self.heard

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self):
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append(Heard(time.monotonic(), dict(self.headers), body))
                refused = len(listener.heard) <= listener.refusals
                self.send_response(503 if refused else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                return

        return Handler
