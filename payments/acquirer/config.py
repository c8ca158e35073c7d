"""What the environment may say to the acquirer; a wrong word stops it before it opens its book."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from payments.acquirer.cards import Chance

PREFIX = "KONTOR_ACQUIRER_"


class BadSetting(ValueError):
    """Names the variable and what it should hold, never its value: it may be the secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    port: int
    secret: str
    book: Path
    chance: Chance
    hang_ms: int
    slow_store_ms: int
    late_ms: int
    callback_retry_ms: int


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Raises BadSetting. Time is given in seconds, fractions allowed."""
    return Settings(
        port=_whole(environ, "PORT", most=65535, default=None),
        secret=_required(environ, "SECRET"),
        book=Path(_required(environ, "BOOK")),
        chance=Chance(
            seed=environ.get(f"{PREFIX}SEED", "0"),
            unknown_percent=_whole(environ, "UNKNOWN_PERCENT", most=100, default="0"),
        ),
        hang_ms=_milliseconds(environ, "HANG_SECONDS", default="15"),
        slow_store_ms=_milliseconds(environ, "SLOW_STORE_SECONDS", default="60"),
        late_ms=_milliseconds(environ, "LATE_SECONDS", default="30"),
        callback_retry_ms=_milliseconds(environ, "CALLBACK_RETRY_SECONDS", default="1"),
    )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(f"{PREFIX}{name}", "")
    if not value:
        raise BadSetting(f"Set {PREFIX}{name}: the acquirer cannot start without it.")
    return value


def _whole(environ: Mapping[str, str], name: str, *, most: int, default: str | None) -> int:
    text = environ.get(f"{PREFIX}{name}") or default or _required(environ, name)
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise BadSetting(f"{PREFIX}{name} must be a whole number from 0 to {most}.")
    return int(text)


def _milliseconds(environ: Mapping[str, str], name: str, *, default: str) -> int:
    problem = f"{PREFIX}{name} must be a number of seconds from 0 to 86400, such as 0.5."
    try:
        seconds = Decimal(environ.get(f"{PREFIX}{name}") or default)
    except InvalidOperation:
        raise BadSetting(problem) from None
    if not (seconds.is_finite() and 0 <= seconds <= 86400):
        raise BadSetting(problem)
    return int(seconds * 1000)
