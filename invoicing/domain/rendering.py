"""The life of a document's file, and what whoever asks for it gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

TRIES_MAX = 3
WITHOUT_RENDERER = timedelta(minutes=5)
"""How long a file waits for a renderer that is busy or not there; such waiting is no try."""


class RenderState(StrEnum):
    """How far a document's file is."""

    WAITING = "waiting"
    READY = "ready"
    PARKED = "parked"


class RenderAct(StrEnum):
    """What moves it."""

    STORE = "store"
    PARK = "park"
    RELEASE = "release"


RENDER_TABLE: Mapping[tuple[RenderState, RenderAct], RenderState] = {
    (RenderState.WAITING, RenderAct.STORE): RenderState.READY,
    (RenderState.WAITING, RenderAct.PARK): RenderState.PARKED,
    (RenderState.PARKED, RenderAct.RELEASE): RenderState.WAITING,
}
"""A stored file is the end: it is never made anew. The database's trigger allows the same pairs."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """A document's stored file."""

    content: bytes
    digest: str
    filename: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """There is no file yet, and why; parked means that a person has to let it go on."""

    sentence: str
    is_parked: bool


@dataclass(frozen=True, slots=True)
class RenderingFact:
    """Where a document's file stands."""

    id: UUID
    document_id: UUID
    state: RenderState
    asks_transfer: bool
    digest: str
    tries: int
    next_at: datetime
    failure: str


def next_try(tries: int, now: datetime) -> datetime:
    """When a document that has failed so often is tried again: 1, 10, 100 minutes later."""
    return now + timedelta(minutes=10 ** max(tries - 1, 0))
