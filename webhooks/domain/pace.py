"""How much an endpoint is asked to take at once, and when it is left in peace."""

from dataclasses import dataclass
from datetime import timedelta

WINDOW_START = 10
WINDOW_MAX = 50
SLOW_SECONDS = 1.0
"""Whoever takes longer is given less and less at once, so that it holds nobody else up."""
REST_AFTER = 5
REST_MAX = timedelta(minutes=5)


def rest(failures: int) -> timedelta:
    """How long an endpoint is left alone after so many failures in a row: a second, then twice
    as long each time. What is due to it keeps; nothing counts as tried."""
    if failures < REST_AFTER:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - REST_AFTER, 20)), REST_MAX)


@dataclass(slots=True)
class Pace:
    """How many calls one dispatcher has open with an endpoint at most: a few at first, one more
    with each quick success, half with each failure and each slow answer."""

    window: int = WINDOW_START

    @classmethod
    def after(cls, failures: int) -> "Pace":
        """One at a time for an endpoint that has just failed often."""
        return cls(1 if failures >= REST_AFTER else WINDOW_START)

    def heard(self, seconds: float, *, is_success: bool) -> None:
        """Take note of a call that lasted so long."""
        if is_success and seconds <= SLOW_SECONDS:
            self.window = min(self.window + 1, WINDOW_MAX)
        else:
            self.window = max(self.window // 2, 1)
