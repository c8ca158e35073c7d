"""A real browser against the real application: threads of a WSGI server on the test's database.

Without a browser on the machine these tests are skipped, and say so.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.db import connections

from billing_platform.frontdoor.paths import CLONE
from billing_platform.frontdoor.system_packages import browser

LOOP = "DJANGO_ALLOW_ASYNC_UNSAFE"
SCREENSHOTS = CLONE / "build" / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args):
        """Requests are not worth a line each."""


class Server(ThreadedWSGIServer):
    daemon_threads = True

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()

    def handle_error(self, request, client_address):
        """A browser that goes away in the middle is no fault of the application."""


@pytest.fixture(scope="session")
def site(database):
    """The address of the application."""
    server = Server(("127.0.0.1", 0), Quiet, allow_reuse_address=True)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    settings.CSRF_TRUSTED_ORIGINS = [url]
    yield url
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium():
    path = browser()
    if path is None:
        pytest.skip("no browser on this machine: sudo apt-get install chromium")
    from playwright.sync_api import sync_playwright

    # The driver's loop lives in this thread, and Django would not let a thread with a loop read.
    os.environ[LOOP] = "true"
    try:
        with sync_playwright() as driver:
            running = driver.chromium.launch(executable_path=path, args=FLAGS)
            yield running
            with suppress(Exception):
                running.close()
    finally:
        del os.environ[LOOP]


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that looks for barriers."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
