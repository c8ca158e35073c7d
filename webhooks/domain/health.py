"""How an endpoint fares over the calls made to it, and when its merchant is told."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from webhooks.domain.pace import rest
from webhooks.domain.timetable import span


@dataclass(frozen=True, slots=True)
class Health:
    """Failures in a row and since when; one success and all is well."""

    failures: int = 0
    failing_since: datetime | None = None
    rest_until: datetime | None = None
    alert_sent_at: datetime | None = None

    def after(self, successes: Iterable[bool], *, now: datetime) -> "Health":
        """With these calls taken into account, in the order in which they were answered."""
        health = self
        for each in successes:
            health = Health() if each else health.failed(now)
        return health

    def failed(self, now: datetime) -> "Health":
        """With one more failure."""
        failures = self.failures + 1
        return replace(
            self,
            failures=failures,
            failing_since=self.failing_since or now,
            rest_until=now + rest(failures) if rest(failures) else None,
        )

    def is_alarming(self, *, tries: int, alert_count: int, now: datetime) -> bool:
        """Whether its merchant is to be told now: once until it takes something again, when one
        delivery failed so often, or all of them for as long as that takes."""
        if self.failing_since is None or self.alert_sent_at is not None:
            return False
        return tries >= alert_count or self.failing_since + span(alert_count) <= now
