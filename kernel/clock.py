"""The only place that asks what time it is; everything else is told."""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from kernel.errors import Invalid

# Names a system may offer that mean another place on another machine, or count leap seconds.
_NOT_A_PLACE = ("posix/", "right/", "localtime", "posixrules", "Factory", "SystemV/")


def wall_now() -> datetime:
    """Real time, for leases, retries, sessions and signatures. Aware, in UTC."""
    return datetime.now(UTC)


def business_now(frozen: datetime | None) -> datetime:
    """The time that decides what is due: the account's own clock where it owns one."""
    return wall_now() if frozen is None else _aware(frozen).astimezone(UTC)


def local_date(instant: datetime, zone_name: str) -> date:
    """The date on the wall calendar of that zone at this instant."""
    return _aware(instant).astimezone(zone(zone_name)).date()


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name; Invalid("unknown_time_zone") for anything else."""
    if not name.startswith(_NOT_A_PLACE):
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            pass
    raise Invalid(
        "unknown_time_zone",
        '"{zone}" is not a time zone; use a name such as Europe/Berlin.',
        zone=name,
    )


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise Invalid("naive_instant", "An instant needs a time zone: {at} has none.", at=instant)
    return instant
