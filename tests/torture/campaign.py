"""Start the runners together, end them as planned, start them again, until they are through."""

import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from tests.torture import forks
from tests.torture.blows import Blows
from tests.torture.plan import Life
from tests.torture.runner import Orders, run

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess


@dataclass(slots=True)
class Figures:
    """What a campaign did to its runners, and in how many seconds they came through."""

    lives: int = 0
    killed: int = 0
    crashed: Counter[str] = field(default_factory=Counter)
    blows: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    accidents: list[str] = field(default_factory=list)

    def add(self, other: "Figures") -> None:
        """Sum up several campaigns."""
        self.lives += other.lives
        self.killed += other.killed
        self.crashed += other.crashed
        self.blows += other.blows
        self.seconds += other.seconds
        self.accidents += other.accidents


class Slot:
    """One of the runners that work at once, through all its lives."""

    def __init__(self, orders: Orders, lives: Sequence[Life], figures: Figures) -> None:
        self._orders, self._lives, self._figures = orders, iter(lives), figures
        self.life = Life()
        self.process: ForkServerProcess | None = None
        self.begun = 0.0
        self.is_through = False

    def begin(self) -> None:
        """The next life; after the last one planned, a life without an end of our making."""
        self.life = next(self._lives, Life())
        self.process = forks.begin(run, replace(self._orders, faults=self.life.faults))
        self.begun = time.monotonic()
        self._figures.lives += 1

    def kill_in_time(self, now: float) -> None:
        """SIGKILL, once this life has lasted as long as was planned."""
        if self.process is None or self.life.kill_after is None:
            return
        if now - self.begun >= self.life.kill_after and self.process.is_alive():
            self.process.kill()

    def look(self) -> None:
        """Note how a life ended, and begin the next unless all is done."""
        if self.process is None or self.process.is_alive():
            return
        self.process.join()
        code = self.process.exitcode
        self.process.close()
        self.process = None
        if code == 0:
            self.is_through = True
            return
        if code != -signal.SIGKILL:
            self._figures.accidents.append(f"a runner ended with exit code {code}: {self.life}")
        elif self.life.faults:
            self._figures.crashed[self.life.faults.partition(":")[0]] += 1
        else:
            self._figures.killed += 1
        self.begin()

    def stop(self) -> None:
        """Not one process stays behind."""
        if self.process:
            self.process.kill()
            self.process.join()


def torment(
    orders: Orders, lives: Sequence[Sequence[Life]], *, blows: Blows, limit_seconds: float
) -> Figures:
    """Runs every slot to its end; what has not ended in time is an accident."""
    figures, begun = Figures(), time.monotonic()
    slots = [Slot(orders, each, figures) for each in lives]
    try:
        for slot in slots:
            slot.begin()
        while waiting := [each for each in slots if not each.is_through]:
            if time.monotonic() - begun > limit_seconds:
                figures.accidents.append(f"not through after {limit_seconds:.0f} seconds")
                break
            wait([each.process.sentinel for each in waiting if each.process], timeout=0.01)
            for slot in waiting:
                slot.kill_in_time(time.monotonic())
                slot.look()
            blows.deal()
    finally:
        for slot in slots:
            slot.stop()
    figures.seconds, figures.blows = time.monotonic() - begun, blows.dealt
    return figures
