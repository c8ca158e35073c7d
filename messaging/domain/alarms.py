"""What is told of an address that keeps failing, as it was when it was told."""

from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import urlsplit

from invoicing.paper import words
from kernel.clock import local_date, zone
from messaging.domain.values import Values, clean

Facts: TypeAlias = dict[str, str | int | None]
"""What a mail says and no other row knows, as it is kept with the mail."""
PHRASES = {each.value: each.phrase for each in HTTPStatus}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """The address, since when and how often in a row it took nothing, and the last status; none
    where nothing came back."""

    url: str
    since: datetime
    failures: int
    status: int | None

    def facts(self) -> Facts:
        """For keeping: a mail shows where the address lies, and nothing that may be secret."""
        return asdict(self) | {"url": shown_url(self.url), "since": self.since.isoformat()}


def shown_url(url: str) -> str:
    """Scheme, host and path: user names, passwords and queries are nobody's business."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def said(facts: Facts, *, timezone: str, language: str) -> Values:
    """The kept facts as people read them."""
    since, status = datetime.fromisoformat(str(facts["since"])), facts["status"]
    return {
        "url": clean(str(facts["url"])),
        "since": {
            "day": words.day(local_date(since, timezone), language),
            "time": f"{since.astimezone(zone(timezone)):%H:%M}",
            "zone": timezone,
        },
        "failures": words.number(int(facts["failures"] or 0), language),
        "answer": f"HTTP {status} {PHRASES.get(int(status), '')}".rstrip() if status else "",
    }
