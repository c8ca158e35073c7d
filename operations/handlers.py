"""What operations does when it hears of things below."""

from collections.abc import Sequence

from accounts.models import Account
from accounts.queries import business_now
from kernel.events import DomainEvent
from operations.commands.sound_alarms import sound_alarms
from webhooks.events import WebhookFailing


def on_webhooks_failing(account: Account, events: Sequence[DomainEvent]) -> None:
    """Those whom the merchant named are told by mail."""
    failing = [each for each in events if isinstance(each, WebhookFailing)]
    sound_alarms(account=account, failing=failing, now=business_now(account))
