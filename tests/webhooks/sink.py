"""A merchant's server on loopback: it keeps what it was told and answers as a test wants."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


class Sink:
    """`answer` gives the status for a request; None hangs for `hang_seconds`, then cuts."""

    def __init__(self, answer: Callable[[Heard], int | None] | int = 200) -> None:
        self.heard: list[Heard] = []
        self.answer = answer
        self.body = b"heard\n"
        self.hang_seconds = 2.0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        self.root = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.root}/hook"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [each.told for each in self.heard]

    def types(self) -> list[str]:
        return [each["event_type"] for each in self.told]

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def status(self, heard: Heard) -> int | None:
        return self.answer if isinstance(self.answer, int) else self.answer(heard)

    def _handler(self):
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard = Heard(self.path, dict(self.headers), body)
                sink.heard.append(heard)
                status = sink.status(heard)
                if status is None:
                    time.sleep(sink.hang_seconds)
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                # What came behind a 204 would be read as the beginning of another answer.
                body = b"" if status == HTTPStatus.NO_CONTENT else sink.body
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                return

        return Handler


def is_authentic(told: dict[str, Any], secret: str) -> bool:
    """As a shop's plugin checks it: over the texts that stand in the body."""
    message = (told["timestamp"] + told["id"]).encode()
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, told["signature"])
