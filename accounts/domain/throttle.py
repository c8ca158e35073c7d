"""How long a log-in is locked after how many failures in a row."""

from dataclasses import dataclass
from datetime import timedelta

FORGOTTEN_AFTER = timedelta(hours=24)
LONGEST = timedelta(hours=1)
SHORTEST = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Patience:
    """After `free` failures each further one locks, twice as long as the one before."""

    free: int

    def lock_after(self, failures: int) -> timedelta:
        """The lock that the failure of this number brings; nothing while failures are free."""
        if failures < self.free:
            return timedelta(0)
        doublings = min(failures - self.free, 16)
        longer: timedelta = SHORTEST * (1 << doublings)
        return min(longer, LONGEST)


WITH_ONE_PERSON = Patience(free=5)
WITH_ONE_ADDRESS = Patience(free=50)
"""Many people share an office's address, so it is given more patience."""
