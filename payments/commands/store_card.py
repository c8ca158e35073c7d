"""Take a one-time card token: the acquirer stores the card, then it becomes a method, once.

Two halves with the call between two transactions: `hold` asks the acquirer while none is open,
`keep` writes down what came of it. A token held and never kept costs nothing and draws nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.domain.details import text
from accounts.models import Account
from customers.queries import refuse_unknown
from foundation import outbox
from foundation.audit import digest
from foundation.tenancy import tenant
from kernel.errors import Invalid
from kernel.ids import new_id
from payments import queries
from payments.commands.add_methods import refuse_test_cards_if_live
from payments.commands.collect import gateway_of
from payments.events import PaymentMethodAdded
from payments.gateways.cards import card_of_test_token, is_test_token
from payments.gateways.port import StoredCard
from payments.gateways.registry import SIMULATED
from payments.models import PaymentMethod


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A card the acquirer has stored, and a keyed digest of the token it came from."""

    card: StoredCard
    source_digest: str


def hold(account_id: UUID, *, token: str) -> HeldCard:
    """Have the acquirer store the card of a token; called while no transaction is open.

    Raises `Invalid` for a token of another form, `Refused` for a test token of a live account
    and for a card the acquirer does not take, `Upstream` when it could not be asked.
    """
    if not is_test_token(token):
        raise Invalid("card_token_invalid", "This card token is unknown.", field="source")
    with tenant(account_id) as account:
        refuse_test_cards_if_live(account=account)
    card = gateway_of(SIMULATED).store_card(card_of_test_token(token))
    return HeldCard(card, digest(token))


def keep(
    *, account: Account, customer_id: UUID, held: HeldCard, reference: str = "", now: datetime
) -> UUID:
    """The held card as the customer's method; what the customer owes is asked for next.

    Safe to run twice and at once: while a method of the same token is active, it is that method.
    `now` is the account's business time. Raises `NotFound` for an unknown customer.
    """
    refuse_unknown(account, [customer_id])
    method = PaymentMethod(
        id=new_id(),
        account_id=account.id,
        customer_id=customer_id,
        gateway=SIMULATED,
        token=held.card.token,
        brand=held.card.brand,
        masked_number=held.card.masked_number,
        expiry=held.card.expiry,
        reference=text(reference, field="reference"),
        source_digest=held.source_digest,
        created_at=now,
    )
    PaymentMethod.objects.of(account).bulk_create([method], ignore_conflicts=True)
    kept_id = queries.method_of_source(account, customer_id, held.source_digest)
    if kept_id == method.id:
        outbox.append(PaymentMethodAdded(method_id=method.id, customer_id=customer_id))
    return kept_id
