"""What happens around the runners: connections cut, Valkey emptied, and their neighbours killed."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import psycopg
import redis

from tests.payments.acquirer_process import AcquirerProcess
from tests.torture.ears import Ears

CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = %s
ORDER BY random() LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbances:
    """Seconds between two of a kind, on average; 0 is never. After `lasting` all is quiet, so that
    the runners come through in the end."""

    flush_every: float = 1.0
    cut_every: float = 0.0
    acquirer_every: float = 0.0
    ears_every: float = 0.0
    lasting: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What can be hit: the database as a superuser sees it, its application's role, and so on."""

    superuser_url: str
    app_url: str
    valkey_url: str
    acquirer: AcquirerProcess
    ears: Ears


class Blows:
    """Deals what is due by a time table that the seed alone decides."""

    def __init__(self, targets: Targets, disturbances: Disturbances, seed: str) -> None:
        dice = random.Random(f"blows {seed}")
        self._targets = targets
        self.dealt: Counter[str] = Counter()
        self._server = psycopg.connect(targets.superuser_url, autocommit=True)
        self._valkey = redis.Redis.from_url(targets.valkey_url)
        self._acts: Mapping[str, Callable[[], bool]] = {
            "flush": self._flush,
            "cut": self._cut,
            "acquirer": self._kill_acquirer,
            "ears": self._kill_ears,
        }
        self._times = {
            name: _times(dice, getattr(disturbances, f"{name}_every"), disturbances.lasting)
            for name in self._acts
        }
        self._next = {name: next(times) for name, times in self._times.items()}
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()
        self._valkey.close()

    def deal(self) -> None:
        """Everything whose time has come."""
        passed = time.monotonic() - self._begun
        for name, act in self._acts.items():
            if passed >= self._next[name]:
                self._next[name] = next(self._times[name])
                self.dealt[name] += act()

    def _flush(self) -> bool:
        self._valkey.flushdb()
        return True

    def _cut(self) -> bool:
        role = urlsplit(self._targets.app_url).username
        return self._server.execute(CUT, [role]).rowcount > 0

    def _kill_acquirer(self) -> bool:
        self._targets.acquirer.kill()
        self._targets.acquirer.start()
        return True

    def _kill_ears(self) -> bool:
        self._targets.ears.kill()
        self._targets.ears.begin()
        return True


def _times(dice: random.Random, every: float, lasting: float) -> Iterator[float]:
    """Seconds from the begin, `every` apart on average; never, when that is 0."""
    at = 0.0
    while every and at < lasting:
        at += dice.uniform(0.5, 1.5) * every
        yield at
    while True:
        yield float("inf")
