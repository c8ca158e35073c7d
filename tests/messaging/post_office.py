"""A mail server of our own that speaks real SMTP and does what the address of a mail asks for.

`later@…` is put off with 451, `gone@…` refused with 550, `cut@…` loses its line at the address,
`took@…` is accepted and then loses its line before the answer; all others are taken.
"""

import socket
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


def hang_up(server):
    server.transport.abort()
    return "421 gone"


@dataclass
class PostOffice:
    """What arrived, byte for byte, by the address it arrived for."""

    letters: list[tuple[str, bytes]] = field(default_factory=list)
    sessions: int = 0
    answers: dict[str, str] = field(default_factory=dict)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        name = address.partition("@")[0]
        if name == "cut":
            return hang_up(server)
        if answer := self.answers.get(name):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        (address,) = envelope.rcpt_tos
        self.letters.append((address, envelope.content))
        return hang_up(server) if address.startswith("took@") else "250 OK"

    @property
    def messages(self) -> list[EmailMessage]:
        parser = BytesParser(EmailMessage, policy=policy.default)
        return [parser.parsebytes(content) for _, content in self.letters]

    def for_(self, address: str) -> list[bytes]:
        return [content for to, content in self.letters if to == address]


def opened(office: PostOffice, **rest) -> Controller:
    """The office behind a port of this machine; the caller starts and stops it."""
    office.answers = {"later": "451 4.7.1 Come back later", "gone": "550 5.1.1 No such user"}
    # Port 0 would be asked for by name: the controller wants to know it before it listens.
    return Controller(office, hostname="127.0.0.1", port=free_port(), **rest)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def only_anna(server, session, envelope, mechanism, data) -> AuthResult:
    """An authenticator that lets one person in."""
    return AuthResult(success=(data.login, data.password) == (b"anna", b"geheim:/@"))
