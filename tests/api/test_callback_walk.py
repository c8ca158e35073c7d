"""The whole way of a report: the acquirer's process, a real socket, its signature, our record."""

import threading
import time
from datetime import timedelta

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

from foundation import outbox
from foundation.models import Parked
from foundation.tenancy import tenant
from ledger.queries import balances
from payments.commands import collect
from payments.commands.collect import Patience
from payments.queries import unknown_count, waiting_count
from subscriptions.commands import drive
from tests.factories import card_token, set_clock
from tests.operations.ready import ready_account

pytestmark = pytest.mark.usefixtures("acquirer")


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def callback_url(database):
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/callbacks/simulated"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "code",
    ["402", "403", "404"],
    ids=["late, by report alone", "reported twice", "reported before the answer"],
)
def test_what_the_acquirer_reports_is_settled_once_whenever_it_comes(callback_url, code):
    account_id = ready_account("one", card=card_token(code))
    set_clock(account_id, "2026-02-01")
    drive.bill(account_id, batches=10)
    outbox.drain(account_id, limit=100)

    patience = Patience(timedelta(seconds=5), timedelta(hours=1), callback_url)
    collect.collect(account_id, batches=1, patience=patience)

    await_outcome(account_id)
    with tenant(account_id) as account:
        assert balances(account)["acquirer", "EUR"] == 1990
        assert not Parked.objects.of(account).exists()


def await_outcome(account_id):
    deadline = time.monotonic() + 10
    while True:
        with tenant(account_id) as account:
            if not unknown_count(account) and not waiting_count(account):
                return
        assert time.monotonic() < deadline, "the acquirer never reported"
        time.sleep(0.1)
