"""Store payment methods: first at the acquirer, then as rows of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.domain.details import text
from accounts.models import Account
from customers.queries import refuse_unknown
from foundation import bulk, outbox
from kernel.errors import Refused
from kernel.ids import new_ids
from payments.domain.lifecycle import MethodState
from payments.events import PaymentMethodAdded
from payments.gateways.cards import card_of_test_token
from payments.gateways.port import Gateway, StoredCard
from payments.gateways.registry import SIMULATED
from payments.models import PaymentMethod

METHOD = (
    "id",
    "customer_id",
    "state",
    "gateway",
    "token",
    "brand",
    "masked_number",
    "expiry",
    "reference",
    "source_digest",
    "created_at",
)


@dataclass(frozen=True, slots=True)
class NewMethod:
    """A card that the acquirer has stored, for this customer; `reference` is the merchant's own.

    `source_digest` tells the token it came from, where the same token shall add it only once.
    """

    customer_id: UUID
    card: StoredCard
    gateway: str = SIMULATED
    reference: str = ""
    source_digest: str = ""

    def __post_init__(self) -> None:
        text(self.reference, field="reference")


def store_test_card(*, account: Account, token: str, gateway: Gateway) -> StoredCard:
    """Have the acquirer store the magic card named by a test token; no transaction is open.

    Raises `Invalid` for any other card, `Refused` for a live account or a card the acquirer
    does not take. Number and code are neither stored nor logged here.
    """
    refuse_test_cards_if_live(account=account)
    return gateway.store_card(card_of_test_token(token))


def refuse_test_cards_if_live(*, account: Account) -> None:
    """Raises `Refused` unless it is a test account."""
    if account.state != Account.State.TEST:
        raise Refused("test_card_refused", "A live account takes no test cards.")


def add_methods(*, account: Account, methods: Sequence[NewMethod], now: datetime) -> list[UUID]:
    """Write the methods; what their customers still owe is asked for next.

    By an event and not here: a claim that is issued at this very moment sees no method yet, and
    this transaction does not see the claim. Returns the methods' ids in order. `now` is the
    account's business time. Raises `NotFound` for a customer the account does not have.
    """
    refuse_unknown(account, [each.customer_id for each in methods])
    ids = new_ids(len(methods))
    bulk.insert(
        PaymentMethod,
        METHOD,
        [
            (
                id_,
                each.customer_id,
                MethodState.ACTIVE,
                each.gateway,
                each.card.token,
                each.card.brand,
                each.card.masked_number,
                each.card.expiry,
                each.reference,
                each.source_digest,
                now,
            )
            for id_, each in zip(ids, methods, strict=True)
        ],
    )
    outbox.append(
        *(
            PaymentMethodAdded(method_id=id_, customer_id=each.customer_id)
            for id_, each in zip(ids, methods, strict=True)
        )
    )
    return ids
