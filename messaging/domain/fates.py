"""What may become of one try to send a mail, and what follows from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from messaging.domain.lifecycle import Act
from messaging.domain.retry import DOUBTS_MAX, PDF_PAUSE, is_given_up, pause


class Fate(StrEnum):
    """What became of one mail.

    DEFERRED: the server asks for another try later. UNREACHED: no server heard of it. UNTRIED: its
    turn did not come. HELD: its document is not ready. DOUBTFUL: the line was cut while it was
    handed over, so that it may have arrived. REFUSED: it can never be sent. BROKEN: it could not
    be made.
    """

    SENT = "sent"
    KEPT = "kept"
    DEFERRED = "deferred"
    UNREACHED = "unreached"
    UNTRIED = "untried"
    HELD = "held"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail, and what was said of it."""

    id: UUID
    fate: Fate
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What has been tried so far."""

    tries: int
    doubts: int
    queued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How the mail moves, what is counted, and when it is tried again, if it is."""

    act: Act
    tries: int
    doubts: int
    next_at: datetime | None = None


FINAL = {
    Fate.SENT: Act.SEND,
    Fate.KEPT: Act.KEEP,
    Fate.REFUSED: Act.FAIL,
    Fate.BROKEN: Act.PARK,
}
NO_TRY = {Fate.UNTRIED, Fate.HELD}


def judge(fate: Fate, standing: Standing, now: datetime) -> Verdict:
    """A mail that may have arrived is repeated once; one that nobody takes for days is parked."""
    tries = standing.tries + (fate not in NO_TRY)
    doubts = standing.doubts + (fate is Fate.DOUBTFUL)
    if fate in FINAL:
        return Verdict(act=FINAL[fate], tries=tries, doubts=doubts)
    if doubts > DOUBTS_MAX or (fate not in NO_TRY and is_given_up(standing.queued_at, now)):
        return Verdict(act=Act.PARK, tries=tries, doubts=doubts)
    match fate:
        case Fate.UNTRIED:
            next_at = now
        case Fate.HELD:
            next_at = now + PDF_PAUSE
        case _:
            next_at = now + pause(tries)
    return Verdict(act=Act.DEFER, tries=tries, doubts=doubts, next_at=next_at)
