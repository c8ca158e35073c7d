"""What became of one call, and what that means for its delivery."""

from dataclasses import dataclass
from datetime import datetime

from kernel.lifecycle import step
from webhooks.domain.lifecycle import OPEN, TABLE, Act, State
from webhooks.domain.timetable import next_try

SHOWN_MAX = 2048
WAITING_MAX = 100
"""So many later deliveries of a customer wait for one that fails; then it is given up for them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A delivery as it is found under lock; `is_ours` while the lease of who called holds."""

    state: State
    tries: int
    began_at: datetime
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Next:
    """Where the delivery stands now, and when it is tried again, if it is."""

    state: State
    at: datetime | None = None


def succeeded(status: int | None) -> bool:
    """Any 2xx; a redirect is none."""
    return status is not None and 200 <= status < 300


def judge(found: Standing, *, is_success: bool, waiting: int, now: datetime) -> Next | None:
    """What follows from the call; nothing when it failed and is no longer ours to judge.

    `waiting` is how many later deliveries of the same customer wait behind it.
    """
    if is_success:
        is_new = found.state is not State.COMPLETED
        return Next(step(TABLE, found.state, Act.SUCCEED)) if is_new else None
    if not found.is_ours or found.state not in OPEN:
        return None
    at = next_try(found.tries + 1, began_at=found.began_at, now=now)
    if at is None or waiting >= WAITING_MAX:
        return Next(step(TABLE, found.state, Act.GIVE_UP))
    return Next(step(TABLE, found.state, Act.FAIL), at)


def shown(raw: bytes) -> str:
    """What an endpoint said, as it may be kept and shown: short, and without what is no text."""
    text = raw[:SHOWN_MAX].decode("utf-8", errors="replace")
    if text.replace("\n", "").isprintable():
        return text
    return "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)
