"""Which transport takes a mail: only the settings and the kind of the account decide."""

from functools import cache

from django.conf import settings

from messaging.transport.local import LocalOutbox
from messaging.transport.port import Transport
from messaging.transport.smtp import SmtpTransport, server_of


def leaves_the_house(*, is_live: bool) -> bool:
    """Whether mails of such an account go to a mail server: those of a test account never do."""
    return is_live and bool(settings.SMTP_URL)


def transport_for(*, is_live: bool) -> Transport:
    """The mail server for what leaves the house, the local outbox for everything else."""
    return _smtp(settings.SMTP_URL) if leaves_the_house(is_live=is_live) else LocalOutbox()


@cache
def _smtp(url: str) -> Transport:
    return SmtpTransport(server_of(url))
