"""The life of a subscription, and of a billing run."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a subscription stands; that it is cancelled is a fact beside it."""

    ACTIVE = "active"
    EXPIRED = "expired"


class ExpireReason(StrEnum):
    """Why a subscription has ended."""

    CANCELLED = "cancelled"
    ON_DEMAND = "on_demand"


class Act(StrEnum):
    """What is done to a subscription."""

    RENEW = "renew"
    CANCEL = "cancel"
    UNCANCEL = "uncancel"
    EXPIRE = "expire"


TABLE: Mapping[tuple[State, Act], State] = {
    (State.ACTIVE, Act.RENEW): State.ACTIVE,
    (State.ACTIVE, Act.CANCEL): State.ACTIVE,
    (State.ACTIVE, Act.UNCANCEL): State.ACTIVE,
    (State.ACTIVE, Act.EXPIRE): State.EXPIRED,
}


class RunState(StrEnum):
    """Where a billing run stands."""

    BILLING = "billing"
    PAUSED = "paused"
    COLLECTING = "collecting"
    CLOSED = "closed"


class RunAct(StrEnum):
    """What is done to a billing run."""

    PAUSE = "pause"
    RESUME = "resume"
    COLLECT = "collect"
    REOPEN = "reopen"
    CLOSE = "close"


RUN_TABLE: Mapping[tuple[RunState, RunAct], RunState] = {
    (RunState.BILLING, RunAct.PAUSE): RunState.PAUSED,
    (RunState.PAUSED, RunAct.RESUME): RunState.BILLING,
    (RunState.BILLING, RunAct.COLLECT): RunState.COLLECTING,
    (RunState.COLLECTING, RunAct.REOPEN): RunState.BILLING,
    (RunState.COLLECTING, RunAct.CLOSE): RunState.CLOSED,
}
"""Collecting goes back to billing when a released subject falls due again before it is closed."""
