"""A mail server for one test, and the settings that lead to it."""

import pytest

from messaging.transport import registry
from tests.messaging.post_office import PostOffice, opened


@pytest.fixture
def office(settings):
    """Live accounts send there; what arrived is told by the office."""
    found = PostOffice()
    controller = opened(found)
    controller.start()
    settings.SMTP_URL = f"smtp+plain://127.0.0.1:{controller.port}"
    settings.MAIL_SENDER = "post@kontor.example"
    yield found
    controller.stop()


@pytest.fixture(autouse=True)
def no_server_kept():
    """Transports are kept by the address of their server, which each test chooses anew."""
    yield
    registry._smtp.cache_clear()
