"""A mail as bytes: headers that nothing can be smuggled into, text, HTML and attachments."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from kernel.errors import Invalid

POLICY = SMTP.clone(cte_type="7bit")
"""Seven bits pass every server there is."""
ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]+"
)
SUBJECT_MAX = 255


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    filename: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Everything a finished mail is made of."""

    id: UUID
    sender: str
    sender_name: str
    recipient: str
    reply_to: str
    subject: str
    text: str
    html: str
    language: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()


def sealed(envelope: Envelope) -> bytes:
    """The mail in the form of RFC 5322, the same bytes for the same envelope.

    Raises `Invalid` for an address that is none; a line break in a name or a subject becomes a
    space, so a header ends where we end it.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(one_line(envelope.sender_name), addr_spec=address(envelope.sender))
    message["To"] = Address(addr_spec=address(envelope.recipient))
    if envelope.reply_to:
        message["Reply-To"] = Address(addr_spec=address(envelope.reply_to))
    message["Subject"] = subject(envelope.subject)
    message["Date"] = format_datetime(envelope.at)
    message["Message-ID"] = message_id(envelope.id, envelope.sender)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(envelope.text, cte="quoted-printable")
    message.add_alternative(envelope.html, subtype="html", cte="quoted-printable")
    for each in envelope.attachments:
        maintype, _, subtype = each.mime.partition("/")
        message.add_attachment(
            each.content, maintype=maintype, subtype=subtype, filename=one_line(each.filename)
        )
    message["Content-Language"] = envelope.language
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            # From the mail's id: the library would throw dice.
            part.set_boundary(f"=_{envelope.id.hex}_{number}")
    return message.as_bytes()


def message_id(mail_id: UUID, sender: str) -> str:
    """One name for the mail however often it is handed over: a receiver keeps one of them."""
    return f"<{mail_id.hex}@{address(sender).rpartition('@')[2]}>"


def address(text: str) -> str:
    """A plain address, its domain as the name system spells it; `Invalid` for anything else."""
    local, _, domain = text.strip().rpartition("@")
    try:
        spelled = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        spelled = ""
    if not ADDRESS.fullmatch(spelled) or ".." in spelled or local.strip(".") != local:
        raise Invalid(
            "address_not_sendable",
            "No mail can be sent to {address}: it is no e-mail address.",
            field="email",
            address=text,
        )
    return spelled


def sendable(text: str) -> str:
    """The address, or nothing where it is none."""
    try:
        return address(text)
    except Invalid:
        return ""


def subject(text: str) -> str:
    """A subject of one line, and of a length that every column holds."""
    return one_line(text)[:SUBJECT_MAX]


def one_line(text: str) -> str:
    """The text with every line break, tab and control character as a space."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
