"""Look at a mail exactly as it went out, or would have."""

from datetime import datetime
from uuid import UUID

from foundation import files, jobs
from foundation.tenancy import tenant
from kernel.errors import Upstream
from messaging import queries
from messaging.commands.compose import document_file, keep, written
from messaging.domain.lifecycle import State
from messaging.domain.opened import Opened, opened

UNTOUCHED = {State.QUEUED, State.IN_FLIGHT, State.FAILED, State.PARKED}


def open_mail(account_id: UUID, mail_id: UUID, *, now: datetime) -> Opened | None:
    """The finished mail taken apart; nothing while it waits to be made. Outside any door.

    A kept mail is made when it is first looked at, and is then final; without its document's PDF
    it is shown as it stands and made again the next time. `now` is wall time.

    Raises `NotFound`, and `Upstream` when it cannot be made.
    """
    with tenant(account_id) as account:
        mail = queries.mail(account, mail_id)
        if mail.digest:
            return opened(files.get(account, mail.digest))
        if State(mail.state) in UNTOUCHED:
            return None
    content = jobs.attempt(lambda: _made(account_id, mail_id, now))
    if isinstance(content, jobs.Failure):
        raise Upstream(
            "mail_not_made", "This mail cannot be made any more: {reason}", reason=content.sentence
        )
    return opened(content)


def _made(account_id: UUID, mail_id: UUID, now: datetime) -> bytes:
    with tenant(account_id) as account:
        mail = queries.mail(account, mail_id)
    pdf = document_file(account_id, mail, now)
    content = written(account_id, mail, pdf, now)
    if pdf is not None or mail.invoice_id is None:
        keep(account_id, mail_id, content)
    return content
