"""Tell a merchant's people that an address of theirs keeps failing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import Account
from messaging.commands.write_alarms import write_alarms
from webhooks import queries


def sound_alarms(*, account: Account, endpoint_ids: Sequence[UUID], now: datetime) -> None:
    """A mail for each address and each person of the settings as they are now; without any of
    these nobody is told. `now` is the account's business time."""
    recipients = queries.settings_of(account).alert_emails
    urls = {each.id: each.url for each in queries.endpoint_facts(account)}
    for each in endpoint_ids:
        write_alarms(account=account, url=urls[each], recipients=recipients, now=now)
