"""Settle claims with money that came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accounts.models import Account
from accounts.queries import business_today
from foundation import outbox
from foundation.tenancy import require
from invoicing.domain.lifecycle import TABLE, Act, State
from invoicing.errors import OverSettled
from invoicing.events import InvoiceSettled
from invoicing.models import Invoice
from kernel.lifecycle import step
from kernel.money import Money
from ledger.commands.post import post
from ledger.domain.chart import Entry, LedgerAccount, Reason


@dataclass(frozen=True, slots=True)
class Settlement:
    """Money for a claim: `source_id` is the attempt that brought it, and is booked once."""

    invoice_id: UUID
    source_id: UUID
    amount_minor: int


def settle(*, account: Account, settlements: Sequence[Settlement], now: datetime) -> None:
    """Cover the claims with what the acquirer took; fully covered ones are settled.

    Raises `OverSettled` when a claim would get more than is open, and `TransitionRefused` when
    it is past being paid. Each claim may appear once. `now` is the account's business time.
    """
    if not settlements:
        return
    amounts = {each.invoice_id: each for each in settlements}
    assert len(amounts) == len(settlements), "each claim appears once"
    locked = Invoice.objects.of(account).filter(id__in=amounts).order_by("id").select_for_update()
    covered = [_cover(each, amounts[each.id], now) for each in locked]
    assert len(covered) == len(amounts), "every settled claim is the account's own"
    _update(account, covered)
    today = business_today(account)
    post(
        account=account,
        entries=[
            Entry(
                reason=Reason.COLLECTED,
                subject_id=amounts[each.id].source_id,
                customer_id=each.customer_id,
                booked_on=today,
                currency=each.currency,
                postings=(
                    (LedgerAccount.ACQUIRER, amounts[each.id].amount_minor),
                    (LedgerAccount.RECEIVABLE, -amounts[each.id].amount_minor),
                ),
            )
            for each in covered
        ],
        now=now,
    )
    outbox.append(
        *(
            InvoiceSettled(
                invoice_id=each.id,
                customer_id=each.customer_id,
                amount=Money(each.gross_minor, each.currency),
                settled_on=today,
            )
            for each in covered
            if each.state == State.SETTLED
        )
    )


def _cover(invoice: Invoice, settlement: Settlement, now: datetime) -> Invoice:
    amount = settlement.amount_minor
    if not 0 < amount <= invoice.open_minor:
        raise OverSettled(invoice.handle, invoice.open_minor, amount)
    reached = step(TABLE, State(invoice.state), Act.SETTLE)
    invoice.settled_minor += amount
    if not invoice.open_minor:
        invoice.state, invoice.settled_at = reached, now
    return invoice


def _update(account: Account, covered: Sequence[Invoice]) -> None:
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE invoicing_invoice AS invoice
            SET settled_minor = new.settled_minor, state = new.state, settled_at = new.settled_at
            FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::timestamptz[])
                AS new(id, settled_minor, state, settled_at)
            WHERE invoice.account_id = %s AND invoice.id = new.id
            """,
            [
                [each.id for each in covered],
                [each.settled_minor for each in covered],
                [str(each.state) for each in covered],
                [each.settled_at for each in covered],
                account.id,
            ],
        )
