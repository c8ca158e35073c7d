"""Make the finished mail: its bytes, stored once, whatever becomes of them afterwards."""

from datetime import datetime
from functools import cache
from uuid import UUID

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import Account
from accounts.queries import party
from foundation import files, jobs
from foundation.faultpoint import faultpoint
from foundation.tenancy import tenant
from invoicing.domain.rendering import Pdf
from invoicing.queries.documents import document_of
from messaging import queries
from messaging.commands.alarm import alarm
from messaging.commands.receipt import receipt
from messaging.domain.envelope import Attachment, Envelope, address, sealed, sendable
from messaging.domain.fates import Fate, Outcome
from messaging.domain.kinds import Kind
from messaging.domain.retry import waits_for_document
from messaging.domain.values import Values
from messaging.models import Mail
from messaging.transport.port import Letter
from payments.commands import documents

NOT_SENDABLE = "address_not_sendable"
PDF_MIME = "application/pdf"


def compose(account_id: UUID, mail_id: UUID, *, now: datetime) -> Letter | Outcome:
    """The mail as it goes out, or why it does not; outside any door.

    What was made once is never made anew: a second try sends the same bytes. `now` is wall time.
    """
    made = jobs.attempt(lambda: _compose(account_id, mail_id, now))
    if isinstance(made, jobs.Failure):
        fate = Fate.REFUSED if made.code == NOT_SENDABLE else Fate.BROKEN
        return Outcome(mail_id, fate, made.sentence)
    return made


def _compose(account_id: UUID, mail_id: UUID, now: datetime) -> Letter | Outcome:
    with tenant(account_id) as account:
        mail = queries.mail(account, mail_id)
        recipient, sender = address(mail.recipient), address(settings.MAIL_SENDER)
        if mail.digest:
            return Letter(mail_id, sender, recipient, files.get(account, mail.digest))
    pdf = document_file(account_id, mail, now)
    if pdf is None and mail.invoice_id and waits_for_document(mail.queued_at, now):
        return Outcome(mail_id, Fate.HELD, "the PDF of its invoice is not ready yet")
    content = written(account_id, mail, pdf, now)
    keep(account_id, mail_id, content)
    return Letter(mail_id, sender, recipient, content)


def document_file(account_id: UUID, mail: Mail, now: datetime) -> Pdf | None:
    """The PDF of the claim's document, if it is there or can be made now; outside any door."""
    if mail.invoice_id is None:
        return None
    with tenant(account_id) as account:
        document_id = document_of(account, mail.claim_id).id
    found = documents.pdf_of(account_id, document_id, now=now)
    return found if isinstance(found, Pdf) else None


def written(account_id: UUID, mail: Mail, pdf: Pdf | None, now: datetime) -> bytes:
    """The bytes of the mail; outside any door."""
    with tenant(account_id) as account:
        values = _values(account, mail, now)
        writer = party(account)
    values["has_pdf"] = pdf is not None
    with translation.override(mail.language):
        text, html = _bodies(mail.kind, values)
    return sealed(
        Envelope(
            id=mail.id,
            sender=settings.MAIL_SENDER,
            sender_name=writer.name,
            recipient=mail.recipient,
            # What a merchant mistypes of itself keeps no customer from its mail.
            reply_to=sendable(writer.email),
            subject=mail.subject,
            text=text,
            html=html,
            language=mail.language,
            at=mail.created_at,
            attachments=(Attachment(pdf.filename, PDF_MIME, pdf.content),) if pdf else (),
        )
    )


def _values(account: Account, mail: Mail, now: datetime) -> Values:
    match Kind(mail.kind):
        case Kind.INVOICE_RECEIPT:
            return receipt(account=account, mail=mail, now=now)
        case Kind.WEBHOOK_ALARM:
            return alarm(account=account, mail=mail)


def keep(account_id: UUID, mail_id: UUID, content: bytes) -> None:
    """From here on these are the mail's bytes, unless others were stored before."""
    with tenant(account_id) as account:
        digest = files.put(account, content)
        Mail.objects.of(account).filter(id=mail_id, digest="").update(digest=digest)
    faultpoint("messaging.composed")


def _bodies(kind: str, values: Values) -> tuple[str, str]:
    text = render_to_string(f"messaging/{kind}.txt", values)
    html = render_to_string(f"messaging/{kind}.html", values)
    return _tidy(text), _inliner().inline(html)


def _tidy(text: str) -> str:
    """Template tags leave empty lines behind: at most one is kept between two paragraphs."""
    lines: list[str] = []
    for line in text.splitlines():
        bare = line.rstrip()
        if bare or (lines and lines[-1]):
            lines.append(bare)
    return "\n".join(lines).strip() + "\n"


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
