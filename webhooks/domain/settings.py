"""What an account wants to be told, checked before any of it is stored."""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from kernel.errors import Invalid
from webhooks.domain.event_types import EVENT_TYPES

URLS_MAX = 10
URL_LENGTH_MAX = 1000
TEXT_MAX = 255
EMAILS_MAX = 20
ALERT_COUNT_MIN, ALERT_COUNT_MAX = 4, 50
EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSettings:
    """All of the settings at once. An empty `event_types` means all of them."""

    urls: tuple[str, ...] = ()
    is_disabled: bool = False
    username: str = ""
    password: str = field(default="", repr=False)
    alert_emails: tuple[str, ...] = ()
    alert_count: int = ALERT_COUNT_MIN
    event_types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.urls)) > URLS_MAX:
            raise Invalid(
                "too_many_webhook_urls",
                "At most {limit} addresses can be told.",
                field="urls",
                limit=URLS_MAX,
            )
        for each in self.urls:
            webhook_url(each, field="urls")
        credentials(self.username, self.password)
        _alert(self.alert_emails, self.alert_count)
        unknown = next((each for each in self.event_types if each not in EVENT_TYPES), None)
        if unknown is not None:
            raise Invalid(
                "unknown_event_type",
                "There are no events of type {type}.",
                field="event_types",
                type=unknown,
            )


def webhook_url(value: str, *, field: str) -> str:
    """An address in full with nothing in it but scheme, host, port, path and query.

    Whether it is one that may be called is for `foundation.egress` to say.
    """
    if len(value) > URL_LENGTH_MAX or not value.isprintable() or " " in value:
        raise _malformed(value, field)
    try:
        parts = urlsplit(value)
        is_good = _is_plain(parts)
    except ValueError:
        is_good = False
    if not is_good:
        raise _malformed(value, field)
    return value


def _is_plain(parts: SplitResult) -> bool:
    has_credentials = "@" in parts.netloc
    # Reading the port raises for what is none.
    has_port = parts.port is None or parts.port > 0
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and has_port
    return is_web and not has_credentials and not parts.fragment


def _malformed(value: str, field: str) -> Invalid:
    return Invalid(
        "invalid_webhook_url",
        "{url} cannot be called: give an http or https address in full, without user name, "
        "password or #fragment, of at most {limit} characters.",
        field=field,
        url=value,
        limit=URL_LENGTH_MAX,
    )


def credentials(username: str, password: str) -> None:
    """User name and password as they go into an HTTP header: no colon in the name, no control."""
    for name, value in (("username", username), ("password", password)):
        is_sane = len(value) <= TEXT_MAX and (not value or value.isprintable())
        if not is_sane or not _encodes(value) or (name == "username" and ":" in value):
            raise Invalid(
                "invalid_credentials",
                "{field} has at most {limit} printable characters, a user name no colon.",
                field=name,
                limit=TEXT_MAX,
            )


def _encodes(value: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in value)


def _alert(emails: tuple[str, ...], count: int) -> None:
    wrong = next((each for each in emails if not _is_email(each)), None)
    if wrong is not None or len(emails) > EMAILS_MAX:
        raise Invalid(
            "invalid_alert_emails",
            "Give at most {limit} e-mail addresses to be alerted.",
            field="alert_emails",
            limit=EMAILS_MAX,
        )
    if not ALERT_COUNT_MIN <= count <= ALERT_COUNT_MAX:
        raise Invalid(
            "invalid_alert_count",
            "The alarm rings after {least} to {most} failures.",
            field="alert_count",
            least=ALERT_COUNT_MIN,
            most=ALERT_COUNT_MAX,
        )


def _is_email(value: str) -> bool:
    is_short = len(value) <= TEXT_MAX and value.isprintable() and _encodes(value)
    return is_short and EMAIL.fullmatch(value) is not None
