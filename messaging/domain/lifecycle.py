"""The life of a mail."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    IN_FLIGHT = "in_flight"
    SENT = "sent"
    KEPT = "kept"
    FAILED = "failed"
    PARKED = "parked"


class Act(StrEnum):
    """What moves a mail."""

    CLAIM = "claim"
    SEND = "send"
    KEEP = "keep"
    DEFER = "defer"
    FAIL = "fail"
    PARK = "park"
    RELEASE = "release"


TABLE: Mapping[tuple[State, Act], State] = {
    (State.QUEUED, Act.CLAIM): State.IN_FLIGHT,
    (State.IN_FLIGHT, Act.SEND): State.SENT,
    (State.IN_FLIGHT, Act.KEEP): State.KEPT,
    (State.IN_FLIGHT, Act.DEFER): State.QUEUED,
    (State.IN_FLIGHT, Act.FAIL): State.FAILED,
    (State.IN_FLIGHT, Act.PARK): State.PARKED,
    (State.PARKED, Act.RELEASE): State.QUEUED,
}
"""A mail begins as queued, or as kept where it will not leave the house: the mails of test
accounts, and all mails while no mail server is configured."""
