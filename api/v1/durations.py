"""Durations of ISO 8601, taken off a moment on the account's wall clock."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from foundation.wire.kinds import Json, Kind
from foundation.wire.refusals import malformed
from kernel.clock import zone
from kernel.moments import add_days, add_months

_DURATION = re.compile(
    r"P(?=[0-9T])(?:(?P<years>[0-9]{1,3})Y)?(?:(?P<months>[0-9]{1,4})M)?"
    r"(?:(?P<weeks>[0-9]{1,4})W)?(?:(?P<days>[0-9]{1,5})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,6})H)?(?:(?P<minutes>[0-9]{1,6})M)?"
    r"(?:(?P<seconds>[0-9]{1,6})S)?)?"
)


@dataclass(frozen=True, slots=True)
class Span:
    """Months and days by the calendar, and an exact rest."""

    months: int
    days: int
    rest: timedelta

    def before(self, moment: datetime, zone_name: str) -> datetime:
        """So much earlier; days and months by the wall clock of that zone."""
        local = moment.astimezone(zone(zone_name)).replace(tzinfo=None)
        earlier = add_days(add_months(local, -self.months), -self.days)
        return earlier.replace(tzinfo=zone(zone_name)).astimezone(UTC) - self.rest


MONTH = Span(1, 0, timedelta())


class Duration(Kind):
    """As in P1M, P7D, PT3H."""

    def read(self, value: object, path: str) -> Span:
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise malformed(path, "a duration such as P1M, P7D or PT3H")
        parts = {name: int(text or 0) for name, text in found.groupdict().items()}
        months = parts["years"] * 12 + parts["months"]
        days = parts["weeks"] * 7 + parts["days"]
        rest = timedelta(hours=parts["hours"], minutes=parts["minutes"], seconds=parts["seconds"])
        if months > 2400 or days > 73_000 or rest.days > 73_000:
            raise malformed(path, "a duration of at most 200 years")
        return Span(months, days, rest)

    def schema(self) -> Json:
        return {"type": "string", "format": "duration"}
