"""The local outbox: what would have been sent is kept, for people to read in the dashboard.

The bytes of every mail are stored before any transport sees them, so there is nothing to do but
to say so.
"""

from collections.abc import Sequence

from messaging.domain.fates import Fate, Outcome
from messaging.transport.port import Letter


class LocalOutbox:
    """Nothing leaves the house."""

    def send(self, letters: Sequence[Letter]) -> list[Outcome]:
        return [Outcome(each.id, Fate.KEPT) for each in letters]
