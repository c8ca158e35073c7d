"""A finished mail taken apart again, for people to look at."""

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser


@dataclass(frozen=True, slots=True)
class Part:
    """A file that goes with a mail."""

    filename: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A finished mail taken apart: its headers as people read them, its bodies, its files."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    parts: tuple[Part, ...]
    size: int


HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID")


def opened(content: bytes) -> Opened:
    """The bytes of a mail as a person reads them."""
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    bodies = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    return Opened(
        headers=tuple((name, str(message[name])) for name in HEADERS if message[name]),
        text=_body(bodies["plain"]),
        html=_body(bodies["html"]),
        parts=tuple(_part(each) for each in message.iter_attachments()),
        size=len(content),
    )


def _body(part: object) -> str:
    return "\n".join(str(part.get_content()).splitlines()) if isinstance(part, EmailMessage) else ""


def _part(part: object) -> Part:
    assert isinstance(part, EmailMessage)
    content = part.get_content()
    data = content if isinstance(content, bytes) else str(content).encode()
    return Part(part.get_filename() or "", part.get_content_type(), data)
