"""Tell a merchant's people that an address of theirs keeps failing."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Account
from messaging.commands.write_alarms import write_alarms
from messaging.domain.alarms import Failing
from webhooks import queries
from webhooks.domain.outcome import succeeded
from webhooks.events import WebhookFailing


def sound_alarms(*, account: Account, failing: Sequence[WebhookFailing], now: datetime) -> None:
    """A mail for each fact and each person of the settings as they are now; without any of
    these nobody is told. `now` is the account's business time."""
    recipients = queries.settings_of(account).alert_emails
    if not recipients:
        return
    endpoints = {each.id: each for each in queries.endpoint_facts(account)}
    for each in failing:
        found = _failing(account, each, endpoints[each.endpoint_id])
        write_alarms(account=account, failing=found, recipients=recipients, now=now)


def _failing(account: Account, said: WebhookFailing, endpoint: queries.EndpointFact) -> Failing:
    """An address that has recovered meanwhile is told of by the webhook that rang the alarm."""
    attempts = queries.attempts_of(account, said.delivery_id)
    failed = [each for each in attempts if not succeeded(each.http_status)]
    return Failing(
        url=endpoint.url,
        since=endpoint.failing_since or failed[0].initiated_at,
        failures=endpoint.failures or said.count,
        status=failed[-1].http_status,
    )
