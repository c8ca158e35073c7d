"""Moments as callers write them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from foundation.wire.refusals import malformed
from kernel.errors import Invalid
from kernel.moments import FIRST_YEAR, LAST_YEAR, Boundary, local_moment

_LOCAL = re.compile(r"[0-9]{4}(-?)[0-9]{2}\1[0-9]{2}(T[0-9]{2}:[0-9]{2}(:([0-9]{2}))?)?")
_WITH_OFFSET = re.compile(r"(?P<hours>[+-][0-9]{2}):?(?P<minutes>[0-9]{2})$")


@dataclass(frozen=True, slots=True)
class When:
    """A moment that is one only in a zone, or already is one where it came with an offset."""

    text: str
    instant: datetime | None = None

    def at(self, zone: str) -> Boundary:
        """The minute on the wall clock of that zone."""
        return Boundary.at(self.instant, zone) if self.instant else local_moment(self.text, zone)

    def moment(self, zone: str) -> datetime:
        """The instant, to the second."""
        if self.instant is not None:
            return self.instant
        found = _LOCAL.fullmatch(self.text)
        assert found, "checked when it was read"
        return local_moment(self.text, zone).instant + timedelta(seconds=int(found[4] or 0))


def when(text: str, path: str) -> When:
    """Raises `Invalid` for what is no date of the years 2000 to 2199."""
    if len(text) <= 40 and _LOCAL.fullmatch(text):
        try:
            local_moment(text, "UTC")
        except Invalid as error:
            raise _not_a_date(path) from error
        return When(text)
    return When(text, _with_offset(text, path))


def _with_offset(text: str, path: str) -> datetime:
    if len(text) > 40 or not text.isascii():
        raise _not_a_date(path)
    try:
        instant = datetime.fromisoformat(_WITH_OFFSET.sub(r"\g<hours>:\g<minutes>", text))
        instant = instant.astimezone(UTC) if instant.tzinfo else instant
    except (ValueError, OverflowError) as error:
        raise _not_a_date(path) from error
    if instant.tzinfo is None or not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise _not_a_date(path)
    return instant


def _not_a_date(path: str) -> Invalid:
    return malformed(
        path,
        f"a date of the years {FIRST_YEAR} to {LAST_YEAR}, as 2027-02-28 or 2027-02-28T09:30",
    )
