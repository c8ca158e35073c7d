"""The port to the mail server: finished letters go in, one outcome for each comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from messaging.domain.fates import Outcome


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished mail: whom it goes to, and its bytes, which go out as they are."""

    id: UUID
    sender: str
    recipient: str
    content: bytes


class Transport(Protocol):
    """Takes letters to where they are sent from."""

    def send(self, letters: Sequence[Letter]) -> list[Outcome]:
        """One outcome for each letter, in order; raises nothing for what a server says."""
