"""Mean a receipt for every settled claim whose customer can be written to."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Account
from customers import queries as customers
from invoicing.queries.claims import claim_facts
from kernel.ids import new_ids
from messaging.commands.queue import queue
from messaging.domain.envelope import subject
from messaging.domain.kinds import Kind
from messaging.domain.languages import language_of

TEST = "[TEST] "


def write_receipts(*, account: Account, settled: Mapping[UUID, UUID], now: datetime) -> list[UUID]:
    """One row for each claim of `settled` (claim to customer); returns their ids.

    Nothing is written in full yet: that is done when the mail is sent, or first looked at. `now`
    is the account's business time.
    """
    contacts = customers.contacts(account, set(settled.values()))
    reachable = [claim for claim, customer in settled.items() if customer in contacts]
    if not reachable:
        return []
    claims = claim_facts(account, reachable)
    rows = []
    for id_, claim_id in zip(new_ids(len(reachable)), reachable, strict=True):
        claim, contact = claims[claim_id], contacts[settled[claim_id]]
        language = language_of(contact.language, account.language)
        title = receipt_subject(account, claim.number or claim.handle, language)
        rows.append(
            (
                id_,
                claim.customer_id,
                claim_id,
                claim.subscription_id,
                contact.email,
                language,
                title,
            )
        )
    queue(account, Kind.INVOICE_RECEIPT, rows, now)
    return [row[0] for row in rows]


def receipt_subject(account: Account, number: str, language: str) -> str:
    """The receipt's subject; that of a test account begins with the word TEST."""
    with translation.override(language):
        text = _("Receipt for your invoice %(number)s") % {"number": number}
    return subject(text if account.state == Account.State.LIVE else TEST + text)
