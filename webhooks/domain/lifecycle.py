"""The life of a delivery."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    RETRYING = "retrying"
    FAILED = "failed"
    DISABLED = "disabled"
    COMPLETED = "completed"


class Act(StrEnum):
    """What moves a delivery."""

    SUCCEED = "succeed"
    FAIL = "fail"
    GIVE_UP = "give_up"
    DISABLE = "disable"
    RESEND = "resend"


TABLE: Mapping[tuple[State, Act], State] = {
    (State.PENDING, Act.SUCCEED): State.COMPLETED,
    (State.PENDING, Act.FAIL): State.RETRYING,
    (State.PENDING, Act.GIVE_UP): State.FAILED,
    (State.PENDING, Act.DISABLE): State.DISABLED,
    (State.PENDING, Act.RESEND): State.PENDING,
    (State.RETRYING, Act.SUCCEED): State.COMPLETED,
    (State.RETRYING, Act.FAIL): State.RETRYING,
    (State.RETRYING, Act.GIVE_UP): State.FAILED,
    (State.RETRYING, Act.DISABLE): State.DISABLED,
    (State.RETRYING, Act.RESEND): State.PENDING,
    (State.FAILED, Act.SUCCEED): State.COMPLETED,
    (State.FAILED, Act.RESEND): State.PENDING,
    (State.DISABLED, Act.SUCCEED): State.COMPLETED,
    (State.DISABLED, Act.RESEND): State.PENDING,
    (State.COMPLETED, Act.RESEND): State.PENDING,
}
"""What was on its way when somebody disabled it, or when its sender was taken for dead, may have
been received all the same: then it is completed."""

OPEN = frozenset({State.PENDING, State.RETRYING})
"""Still to be sent; later deliveries about the same customer wait behind these."""
