"""What every provider adapter can do, and the values that go in and come out.

After a charge or refund was sent, an adapter never raises for what came back, or did not: whatever
it does not fully understand is the state `unknown`, which only a look-up by our own key resolves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from kernel.money import Money
from payments.gateways.cards import CardDetails


class OutcomeState(StrEnum):
    SUCCEEDED = "succeeded"
    SOFT_DECLINED = "soft_declined"
    HARD_DECLINED = "hard_declined"
    PROCESSING = "processing"
    UNKNOWN = "unknown"


# Faults in the chain and not of the method: reported as soft declines, because trying again later
# is right, and told apart by these words where that matters.
CHAIN_ERRORS = frozenset(
    {
        "acquirer_authentication_error",
        "acquirer_communication_error",
        "acquirer_configuration_error",
        "acquirer_error",
        "acquirer_integration_error",
        "acquirer_rejected_error",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOrder:
    """`key` is what makes it happen once: repeat it to ask again, never for another order."""

    key: UUID
    token: str
    amount: Money
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    key: UUID
    charge_key: UUID
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`error` is the provider's reason for a decline; of an unknown outcome, what we met instead
    of an answer. `amount` is what the provider booked."""

    key: UUID
    state: OutcomeState
    error: str | None
    gateway_reference: str | None
    amount: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCard:
    """`expiry` is MMYY."""

    token: str
    brand: str
    masked_number: str
    expiry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """Authentic, but not yet compared with anything of ours: amount, currency and reference are
    the provider's words. The same `event_id` may come any number of times, in any order."""

    event_id: str
    reference: str
    occurred_at: datetime
    outcome: Outcome


class Gateway(Protocol):
    def charge(self, order: ChargeOrder) -> Outcome:
        """Never raises for the provider's behaviour; safe to repeat with the same order."""
        ...

    def look_up(self, key: UUID) -> Outcome | None:
        """None only if the provider says that it knows no such charge. Raises Upstream when the
        provider cannot be asked or does not make sense."""
        ...

    def store_card(self, card: CardDetails) -> StoredCard:
        """Raises Refused with the provider's code for a card it does not take, Upstream for a
        fault in the chain."""
        ...

    def refund(self, order: RefundOrder) -> Outcome:
        """As `charge`."""
        ...

    def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Callback:
        """Raises Refused for a callback that is not the provider's own or too old, Upstream for
        one that is its own and makes no sense."""
        ...

    def close(self) -> None:
        """Lets go of idle connections; the gateway stays usable."""
        ...


def unknown(key: UUID, error: str) -> Outcome:
    return Outcome(
        key=key, state=OutcomeState.UNKNOWN, error=error, gateway_reference=None, amount=None
    )
