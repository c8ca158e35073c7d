"""The web server on loopback for clients that know nothing of Django, and somebody who works."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from uuid import UUID
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from operations.commands.work_off import work_off

REST_SECONDS = 0.2


class _Server(ThreadingMixIn, WSGIServer):
    """A thread and a connection to the database for each request."""

    def process_request_thread(self, *request: Any) -> None:
        try:
            super().process_request_thread(*request)
        finally:
            connections.close_all()


class _Silent(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing: the test's output is for the test."""


@contextmanager
def live_server() -> Iterator[str]:
    """The address of a server over the test's database."""
    server = make_server("127.0.0.1", 0, WSGIHandler(), _Server, _Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def worked_off(account_id: UUID) -> Iterator[None]:
    """As workers would: whatever falls due in the account is done within a moment."""
    ended = threading.Event()

    def work() -> None:
        try:
            while not ended.wait(REST_SECONDS):
                work_off(account_id)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def public_url() -> str:
    """The address that pages tell, which no server of a test listens at."""
    return str(settings.PUBLIC_URL)
