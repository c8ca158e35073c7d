"""Mean a mail to each of the merchant's people who want to know that an address keeps failing."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Account
from kernel.ids import new_ids
from messaging.commands.queue import queue
from messaging.commands.write_receipts import TEST
from messaging.domain.alarms import Failing, shown_url
from messaging.domain.envelope import subject
from messaging.domain.kinds import Kind
from messaging.domain.languages import language_of

URL_MAX = 150
"""So much of an address leaves room for the words around it."""


def write_alarms(
    *, account: Account, failing: Failing, recipients: Sequence[str], now: datetime
) -> list[str]:
    """One row for each recipient; returns whom. `now` is the account's business time."""
    whom = list(dict.fromkeys(recipients))
    if not whom:
        return []
    language = language_of(account.language)
    title = alarm_subject(account, failing.url, language)
    rows = [
        (id_, None, None, None, each, language, title)
        for id_, each in zip(new_ids(len(whom)), whom, strict=True)
    ]
    queue(account, Kind.WEBHOOK_ALARM, rows, now, facts=failing.facts())
    return whom


def alarm_subject(account: Account, url: str, language: str) -> str:
    """It names the address, cut where it is very long."""
    bare = shown_url(url)
    told = bare if len(bare) <= URL_MAX else f"{bare[: URL_MAX - 1]}…"
    with translation.override(language):
        text = _("Webhooks to %(url)s keep failing") % {"url": told}
    return subject(text if account.state == Account.State.LIVE else TEST + text)
