"""Kept-alive HTTP connections, one per concurrent caller, that never resend a request.

A request whose answer was lost may have been executed, so the only cure offered here for a dead
connection is not to use it: one that the other side has closed is found out before a byte is sent.
"""

import http.client
import os
import socket
import time
import weakref
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

IDLE_MAX_SECONDS = 45
ANSWER_MAX_BYTES = 1 << 20


class NoAnswer(Exception):
    """Nothing usable came back; the request may or may not have been executed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class HttpRequest:
    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HttpReply:
    status: int
    body: bytes


class Connections:
    """Safe for any number of threads, and across a fork: a child opens its own."""

    def __init__(self, url: str, *, timeout: timedelta) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
            raise ValueError("A gateway address reads http://host:port, without a path.")
        self._host, self._port = parts.hostname, parts.port
        self._timeout = timeout.total_seconds()
        self._idle: deque[tuple[http.client.HTTPConnection, float]] = deque()
        self._owner = os.getpid()
        weakref.finalize(self, _close_all, self._idle)

    def send(self, request: HttpRequest) -> HttpReply:
        """Raises NoAnswer. The timeout bounds each wait for the other side."""
        connection = self._borrow()
        kept = False
        try:
            connection.request(
                request.method, request.path, body=request.body, headers=dict(request.headers)
            )
            response = connection.getresponse()
            reply = HttpReply(response.status, _whole_body(response))
            kept = not response.will_close
        except TimeoutError:
            raise NoAnswer("timeout") from None
        except ConnectionRefusedError:
            raise NoAnswer("no_connection") from None
        except http.client.IncompleteRead:
            raise NoAnswer("truncated_answer") from None
        except (OSError, http.client.HTTPException, ValueError):
            raise NoAnswer("connection_lost") from None
        finally:
            self._give_back(connection) if kept else connection.close()
        return reply

    def close(self) -> None:
        _close_all(self._idle)

    def _borrow(self) -> http.client.HTTPConnection:
        if self._owner != os.getpid():
            self._idle.clear()  # the parent's: closing our copies does not disturb it
            self._owner = os.getpid()
        while self._idle:
            try:
                connection, since = self._idle.pop()
            except IndexError:
                break
            if time.monotonic() - since < IDLE_MAX_SECONDS and _is_quiet(connection):
                return connection
            connection.close()
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)

    def _give_back(self, connection: http.client.HTTPConnection) -> None:
        self._idle.append((connection, time.monotonic()))


def _is_quiet(connection: http.client.HTTPConnection) -> bool:
    """An idle connection has nothing to say; one that is readable was closed or is out of step."""
    sock = connection.sock
    if sock is None:
        return False
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        sock.settimeout(timeout)
    return False


def _whole_body(response: http.client.HTTPResponse) -> bytes:
    if response.length is not None and response.length <= ANSWER_MAX_BYTES:
        return response.read()
    body = response.read(ANSWER_MAX_BYTES + 1)
    if len(body) > ANSWER_MAX_BYTES:
        raise NoAnswer("answer_too_long")
    return body


def _close_all(idle: deque[tuple[http.client.HTTPConnection, float]]) -> None:
    while idle:
        try:
            connection, _ = idle.pop()
        except IndexError:
            return
        connection.close()
