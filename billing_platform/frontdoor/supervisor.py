"""Keeps parts alive until somebody asks to stop."""

import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from billing_platform.frontdoor.parts import Part
from billing_platform.frontdoor.say import tell

LONGEST_PAUSE_SECONDS = 30.0
SETTLED_AFTER_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.5


class Halted(Exception):
    """Somebody asked to stop while we were starting."""


class Halt:
    """The wish to stop, raised by Ctrl-C or TERM and obeyed at the next good moment."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            # A closed terminal ends us, unless nohup was said.
            signal.signal(signal.SIGHUP, self._hear)

    def check(self) -> None:
        if self._asked.is_set():
            raise Halted

    def wait(self, seconds: float) -> bool:
        return self._asked.wait(seconds)

    def _hear(self, _number: int, _frame: object) -> None:
        if self._asked.is_set():
            tell("stopping already")
        self._asked.set()


@dataclass(slots=True)
class Watched:
    part: Part
    deaths: int = 0
    again_at: float | None = None
    began_at: float = 0.0


def watch(parts: Sequence[Part], halt: Halt) -> None:
    """Restart whatever dies, after a pause that doubles, until we are asked to stop."""
    watched = [Watched(part, began_at=time.monotonic()) for part in parts]
    while not halt.wait(LOOK_EVERY_SECONDS):
        for one in watched:
            look(one, time.monotonic())


def look(one: Watched, now: float) -> None:
    """One look at one part, at this second of the monotonic clock."""
    if one.again_at is not None:
        if now >= one.again_at:
            one.again_at, one.began_at = None, now
            one.part.spawn()
        return
    if one.part.alive():
        if one.deaths and now - one.began_at > SETTLED_AFTER_SECONDS:
            one.deaths = 0
        return
    if one.part.process:
        one.part.process.bury()
    pause = min(LONGEST_PAUSE_SECONDS, 0.5 * 2**one.deaths)
    one.deaths += 1
    one.again_at = now + pause
    log = one.part.home.log(one.part.name)
    tell(f"{one.part.title} ended; starting it again in {pause:.1f} s (see {log})")
