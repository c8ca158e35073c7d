"""The life of a payment attempt, and of a payment method."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where an attempt stands."""

    REQUESTED = "requested"
    IN_FLIGHT = "in_flight"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    SOFT_DECLINED = "soft_declined"
    HARD_DECLINED = "hard_declined"


class Act(StrEnum):
    """What moves an attempt."""

    CLAIM = "claim"
    SUCCEED = "succeed"
    DECLINE_SOFTLY = "decline_softly"
    DECLINE_HARD = "decline_hard"
    LOSE = "lose"
    SEND_AGAIN = "send_again"


TABLE: Mapping[tuple[State, Act], State] = {
    (State.REQUESTED, Act.CLAIM): State.IN_FLIGHT,
    (State.REQUESTED, Act.SUCCEED): State.SUCCEEDED,
    (State.REQUESTED, Act.DECLINE_SOFTLY): State.SOFT_DECLINED,
    (State.REQUESTED, Act.DECLINE_HARD): State.HARD_DECLINED,
    (State.IN_FLIGHT, Act.SUCCEED): State.SUCCEEDED,
    (State.IN_FLIGHT, Act.DECLINE_SOFTLY): State.SOFT_DECLINED,
    (State.IN_FLIGHT, Act.DECLINE_HARD): State.HARD_DECLINED,
    (State.IN_FLIGHT, Act.LOSE): State.UNKNOWN,
    (State.UNKNOWN, Act.SUCCEED): State.SUCCEEDED,
    (State.UNKNOWN, Act.DECLINE_SOFTLY): State.SOFT_DECLINED,
    (State.UNKNOWN, Act.DECLINE_HARD): State.HARD_DECLINED,
    (State.UNKNOWN, Act.SEND_AGAIN): State.REQUESTED,
}
"""Unknown leaves by what the acquirer says to our own key, never by time alone. An attempt
sent again is sent under its old key, so a late answer to the first sending finds it requested."""

BUSY = frozenset({State.REQUESTED, State.IN_FLIGHT, State.UNKNOWN})
"""At most one attempt of a claim is in one of these, from whatever path."""


class MethodState(StrEnum):
    """Where a payment method stands."""

    ACTIVE = "active"
    FAILED = "failed"


class MethodAct(StrEnum):
    """What moves a payment method."""

    FAIL = "fail"
    REACTIVATE = "reactivate"


METHOD_TABLE: Mapping[tuple[MethodState, MethodAct], MethodState] = {
    (MethodState.ACTIVE, MethodAct.FAIL): MethodState.FAILED,
    (MethodState.FAILED, MethodAct.REACTIVATE): MethodState.ACTIVE,
}
