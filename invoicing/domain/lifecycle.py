"""The life of a claim."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a claim stands."""

    CREATED = "created"
    PENDING = "pending"
    DUNNING = "dunning"
    SETTLED = "settled"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What moves a claim."""

    ISSUE = "issue"
    SETTLE = "settle"
    DUN = "dun"
    FAIL = "fail"
    CANCEL = "cancel"
    REACTIVATE = "reactivate"


TABLE: Mapping[tuple[State, Act], State] = {
    (State.CREATED, Act.ISSUE): State.PENDING,
    (State.CREATED, Act.SETTLE): State.SETTLED,
    (State.CREATED, Act.FAIL): State.FAILED,
    (State.CREATED, Act.CANCEL): State.CANCELLED,
    (State.PENDING, Act.SETTLE): State.SETTLED,
    (State.PENDING, Act.DUN): State.DUNNING,
    (State.PENDING, Act.FAIL): State.FAILED,
    (State.PENDING, Act.CANCEL): State.CANCELLED,
    (State.DUNNING, Act.SETTLE): State.SETTLED,
    (State.DUNNING, Act.FAIL): State.FAILED,
    (State.DUNNING, Act.CANCEL): State.CANCELLED,
    (State.FAILED, Act.SETTLE): State.SETTLED,
    (State.FAILED, Act.CANCEL): State.CANCELLED,
    (State.FAILED, Act.REACTIVATE): State.PENDING,
    (State.CANCELLED, Act.REACTIVATE): State.PENDING,
}
"""Spec: wire states of an invoice; the database's trigger allows the same pairs."""

COLLECTABLE = frozenset({State.PENDING, State.DUNNING, State.FAILED})
"""States in which money may still be drawn."""
