"""What happens to each life of each runner, fixed by the seed alone."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("foundation", "ledger", "invoicing", "payments", "subscriptions")
POINT = re.compile(r"""\bfaultpoint\(\s*["']([\w.]+)["']""")

ELSEWHERE = {"invoicing.filed", "invoicing.printed"}
"""Points on the way of the renderer, which the tortured runners do not go."""
LATE = ("payments.", "outbox.before_done", "outbox.after_commit")
LATER_HITS = (1, 2, 2, 3)
KILL_AFTER_MIN, KILL_AFTER_MAX = 0.02, 0.7


@dataclass(frozen=True, slots=True)
class Life:
    """A runner from its birth: killed after so many seconds, or at what its fault points say.

    With neither it lives until there is nothing left to do.
    """

    kill_after: float | None = None
    faults: str = ""


@cache
def fault_points() -> tuple[str, ...]:
    """Every fault point on the way from a due period to a settled claim."""
    found: set[str] = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            found.update(POINT.findall(path.read_text()))
    return tuple(sorted(found - ELSEWHERE))


def killed_at_random(dice: random.Random, count: int) -> Iterator[Life]:
    """Lives that a SIGKILL ends at any moment."""
    for _ in range(count):
        yield Life(kill_after=dice.uniform(KILL_AFTER_MIN, KILL_AFTER_MAX))


def killed_at_points(dice: random.Random, points: Sequence[str]) -> Iterator[Life]:
    """Lives that end exactly at a fault point, each point at its first passage when its first turn
    comes; some wait a second at another point."""
    met: set[str] = set()
    for point in points:
        faults = f"{point}:{dice.choice(LATER_HITS) if point in met else 1}:crash"
        met.add(point)
        if dice.random() < 0.25:
            other = dice.choice([each for each in fault_points() if each != point])
            faults += f",{other}:1:sleep=1"
        yield Life(faults=faults)


def lives(seed: str, *, slots: int, kills: int, crashes: int) -> list[list[Life]]:
    """For each runner its lives in order: `kills` at random and `crashes` at fault points, in all.

    The points are taken in turn, so that as many crashes as there are points meet every one. Those
    of billing come first: they are not passed any more once all is billed.
    """
    dice = random.Random(seed)
    points = list(fault_points())
    dice.shuffle(points)
    chosen = [points[number % len(points)] for number in range(crashes)]
    early = list(killed_at_points(dice, [each for each in chosen if not _is_late(each)]))
    late = list(killed_at_points(dice, [each for each in chosen if _is_late(each)]))
    late += killed_at_random(dice, kills)
    dice.shuffle(late)
    return [[*early[slot::slots], *late[slot::slots]] for slot in range(slots)]


def _is_late(point: str) -> bool:
    return point.startswith(LATE)
