"""Mails as bytes: what cannot be smuggled in, and what stays the same."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from kernel.errors import Invalid
from messaging.domain.envelope import Attachment, Envelope, address, sealed
from messaging.domain.opened import opened

MAIL = Envelope(
    id=UUID(int=5),
    sender="post@kontor.example",
    sender_name="Müller & Söhne",
    recipient="erika@kunde.example",
    reply_to="rechnung@kunde.example",
    subject="Grüße",
    text="Hallo\n",
    html="<p>Hallo</p>",
    language="de",
    at=datetime(2026, 2, 1, tzinfo=UTC),
    attachments=(Attachment("Rechnung ä.pdf", "application/pdf", b"%PDF-"),),
)


def with_text(field: str, text: str) -> Envelope:
    changes: dict[str, Any] = {field: text}
    return replace(MAIL, **changes)


BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00"]


def head(content):
    return content.partition(b"\r\n\r\n")[0].decode()


def test_the_same_mail_is_the_same_bytes():
    assert sealed(MAIL) == sealed(MAIL)


def test_a_mail_comes_back_as_it_was_written():
    found = opened(sealed(MAIL))

    assert dict(found.headers) == {
        "From": "Müller & Söhne <post@kontor.example>",
        "To": "erika@kunde.example",
        "Reply-To": "rechnung@kunde.example",
        "Subject": "Grüße",
        "Date": "Sun, 01 Feb 2026 00:00:00 +0000",
        "Message-ID": "<00000000000000000000000000000005@kontor.example>",
    }
    assert (found.text, found.html) == ("Hallo", "<p>Hallo</p>")
    assert [(each.filename, each.content) for each in found.parts] == [("Rechnung ä.pdf", b"%PDF-")]


def test_every_byte_passes_every_server():
    content = sealed(MAIL)

    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert "Auto-Submitted: auto-generated" in head(content)


@pytest.mark.parametrize("gap", BREAKS)
@pytest.mark.parametrize("field", ["subject", "sender_name"])
def test_no_text_ends_a_header(field, gap):
    content = sealed(with_text(field, f"Hello{gap}Bcc: victim@example.org"))

    names = [line.partition(":")[0].lower() for line in head(content).splitlines()]
    assert "bcc" not in names


@pytest.mark.parametrize("gap", BREAKS)
@pytest.mark.parametrize("field", ["recipient", "sender", "reply_to"])
def test_no_address_carries_a_second_one(field, gap):
    with pytest.raises(Invalid) as refusal:
        sealed(with_text(field, f"a@b.example{gap}Bcc: victim@example.org"))
    assert refusal.value.code == "address_not_sendable"


@pytest.mark.parametrize(
    "text",
    ["", "a", "@", "a@", "@b.de", "a b@c.de", "a@b.de,c@d.de", "<a@b.de>", "a@b..de", ".a@b.de",
     "a..b@c.de", "ä@b.de", 'a"b@c.de', "a@b.de>", "a@[127.0.0.1]", f"{'a' * 65}@b.de"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Invalid):
        address(text)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("a@b.de", "a@b.de"),
        (" a@b.de ", "a@b.de"),
        ("first.last+tag@sub.b.de", "first.last+tag@sub.b.de"),
        ("a@münchen.de", "a@xn--mnchen-3ya.de"),
        ("a@localhost", "a@localhost"),
    ],
)
def test_an_address_is_spelled_as_the_name_system_does(text, spelled):
    assert address(text) == spelled
