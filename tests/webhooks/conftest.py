"""Accounts that are told things, and servers that hear them."""

import pytest

from tests.webhooks.sink import Sink


@pytest.fixture(autouse=True)
def loopback_may_be_called(settings):
    settings.EGRESS_ALLOWED = frozenset({"127.0.0.1"})


@pytest.fixture
def sink():
    listener = Sink()
    yield listener
    listener.close()
