"""The client that tests of `/v1` speak through."""

import pytest
from hypothesis import settings

from tests.factories import make_account
from tests.wire_client import Api

settings.register_profile("long", max_examples=400)


@pytest.fixture
def api():
    """A client with the key of a test account of its own (`api.account_id`)."""
    return Api(make_account())


@pytest.fixture
def stranger():
    """A client of another account, for what must stay unknown."""
    return Api(make_account())


@pytest.fixture
def nobody():
    """A client that tells no key."""
    return Api()
