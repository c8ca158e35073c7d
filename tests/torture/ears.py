"""A web process that hears the acquirer's reports beside the runners, and dies as they do."""

from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connections

from tests.torture import forks
from tests.torture.runner import Orders, arrange

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess


class Ears:
    """Listens on one port through all its lives."""

    def __init__(self, orders: Orders, port: int) -> None:
        self._orders, self._port = orders, port
        self._process: ForkServerProcess | None = None

    def begin(self) -> None:
        self._process = forks.begin(_listen, self._orders, self._port)

    def kill(self) -> None:
        """In the middle of whatever it hears."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Django tells what matters."""


def _listen(orders: Orders, port: int) -> None:
    arrange(orders)
    # Each request has a thread of its own, which takes its connection with it.
    connections["default"].settings_dict["CONN_MAX_AGE"] = 0
    with make_server(
        "127.0.0.1", port, get_wsgi_application(), server_class=_Server, handler_class=_Handler
    ) as server:
        server.serve_forever()
