"""What webhooks does when it hears of things below: nearly everything is passed on."""

from collections.abc import Sequence

from accounts.models import Account
from accounts.queries import business_now
from kernel.clock import wall_now
from kernel.events import DomainEvent
from webhooks.commands.publish import publish


def on_events(account: Account, events: Sequence[DomainEvent]) -> None:
    """Merchants' programs are told."""
    publish(account=account, events=events, now=business_now(account), wall=wall_now())
