"""Two furnished accounts, for what must never cross from one to the other."""

import pytest

from tests.foundation.furnished import furnish


@pytest.fixture(scope="session")
def two_accounts(database, acquirer):
    """The ids of two accounts of two merchants, each with a row in every table."""
    return furnish(), furnish()
