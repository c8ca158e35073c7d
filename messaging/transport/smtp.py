"""A mail server by SMTP: one connection for a batch of letters."""

import smtplib
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from kernel.errors import Invalid
from messaging.domain.fates import Fate, Outcome
from messaging.transport.port import Letter

TIMEOUT_SECONDS = 20
BATCH_SECONDS = 120
"""No new letter is begun after this long; the lease of a batch is much longer."""
SAID_MAX = 300
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
TAKEN = {250, 251, 252}


class Privacy(StrEnum):
    """How the line to the server is kept private; the value is the scheme of its address."""

    STARTTLS = "smtp"
    TLS = "smtps"
    NONE = "smtp+plain"


PORTS = {Privacy.STARTTLS: 587, Privacy.TLS: 465, Privacy.NONE: 25}


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mail server is and how it knows us; its repr keeps the password to itself."""

    host: str
    port: int
    privacy: Privacy
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Server({self.privacy.value}://{self.host}:{self.port})"


def server_of(url: str) -> Server:
    """Read `smtp://USER:PASSWORD@HOST:PORT` (STARTTLS, always), `smtps://…` (TLS from the first
    byte) or `smtp+plain://…` (open; with a password only on this machine)."""
    try:
        parts = urlsplit(url)
        privacy, port = Privacy(parts.scheme), parts.port
    except ValueError as error:
        raise _malformed() from error
    if not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise _malformed()
    if parts.username and privacy is Privacy.NONE and parts.hostname not in LOOPBACK:
        raise Invalid(
            "open_line_with_password",
            "A password never goes over an open line: use smtp:// or smtps:// in KONTOR_SMTP_URL.",
            field="KONTOR_SMTP_URL",
        )
    return Server(
        host=parts.hostname,
        port=port or PORTS[privacy],
        privacy=privacy,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _malformed() -> Invalid:
    return Invalid(
        "invalid_mail_server",
        "KONTOR_SMTP_URL is smtp://, smtps:// or smtp+plain:// with USER:PASSWORD@HOST:PORT.",
        field="KONTOR_SMTP_URL",
    )


class SmtpTransport:
    """Letters over one connection, one after the other."""

    def __init__(
        self,
        server: Server,
        *,
        context: ssl.SSLContext | None = None,
        timeout: int = TIMEOUT_SECONDS,
    ) -> None:
        self._server, self._timeout = server, timeout
        self._context = context or ssl.create_default_context()

    def send(self, letters: Sequence[Letter]) -> list[Outcome]:
        """A connection that is lost with one letter is made anew for the next, as long as the
        server can be reached at all."""
        line = _Line(self)
        until = time.monotonic() + BATCH_SECONDS
        try:
            return [
                line.send(each)
                if time.monotonic() < until
                else Outcome(each.id, Fate.UNTRIED, "its turn did not come in time")
                for each in letters
            ]
        finally:
            line.hang_up()

    def connected(self) -> smtplib.SMTP:
        """A connection that is ready for letters; raises what the network or the server says."""
        connection = self._open()
        try:
            if self._server.privacy is Privacy.STARTTLS:
                connection.starttls(context=self._context)
            if self._server.user:
                connection.login(self._server.user, self._server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _open(self) -> smtplib.SMTP:
        server = self._server
        if server.privacy is Privacy.TLS:
            return smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._timeout, context=self._context
            )
        return smtplib.SMTP(server.host, server.port, timeout=self._timeout)


class _Line:
    """The line to the server while a batch goes over it."""

    def __init__(self, transport: SmtpTransport) -> None:
        self._transport = transport
        self._connection: smtplib.SMTP | None = None
        self._dead = ""

    def send(self, letter: Letter) -> Outcome:
        if not self._dead and self._connection is None:
            try:
                self._connection = self._transport.connected()
            except (OSError, smtplib.SMTPException) as error:
                self._dead = _said(error)
        if self._connection is None:
            return Outcome(letter.id, Fate.UNREACHED, self._dead)
        outcome, is_usable = _hand_over(self._connection, letter)
        if not is_usable:
            self._connection.close()
            self._connection = None
        return outcome

    def hang_up(self) -> None:
        if self._connection is not None:
            _quit(self._connection)


def _hand_over(connection: smtplib.SMTP, letter: Letter) -> tuple[Outcome, bool]:
    """What became of it, and whether the connection can be used for the next."""
    fate_of_a_cut = Fate.DEFERRED
    try:
        connection.ehlo_or_helo_if_needed()
        code, text = connection.mail(letter.sender)
        if code in TAKEN:
            code, text = connection.rcpt(letter.recipient)
        if code in TAKEN:
            fate_of_a_cut = Fate.DOUBTFUL
            code, text = connection.data(letter.content)
    except smtplib.SMTPDataError as error:
        code, text = error.smtp_code, _bytes(error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(letter.id, fate_of_a_cut, _said(error)), False
    if code in TAKEN:
        return Outcome(letter.id, Fate.SENT, _text(text)), True
    return _answered(letter, code, text), _is_reset(connection)


def _answered(letter: Letter, code: int, text: bytes) -> Outcome:
    """5xx is the server's last word on this letter; whatever else it says may change."""
    fate = Fate.REFUSED if 500 <= code < 600 else Fate.DEFERRED
    return Outcome(letter.id, fate, f"{code} {_text(text)}"[:SAID_MAX])


def _is_reset(connection: smtplib.SMTP) -> bool:
    try:
        code, _ = connection.rset()
    except (OSError, smtplib.SMTPException):
        return False
    return code == 250


def _quit(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:SAID_MAX]


def _text(text: bytes) -> str:
    said = text.decode(errors="replace")
    return "".join(each if each.isprintable() else " " for each in said)[:SAID_MAX]


def _bytes(said: str | bytes) -> bytes:
    return said if isinstance(said, bytes) else said.encode()
