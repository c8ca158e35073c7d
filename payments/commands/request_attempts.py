"""Ask for money: an attempt per open claim, to be performed outside any transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from foundation import bulk, due, jobs, outbox
from foundation.faultpoint import faultpoint
from invoicing.queries import OpenClaim, lock_open
from kernel.clock import wall_now
from kernel.ids import new_ids
from payments import queries
from payments.domain.lifecycle import State
from payments.events import CollectionFailed
from payments.models import PaymentAttempt

DUE_KIND = "attempt"
NO_METHOD = "no_payment_method"
ATTEMPT = (
    "id",
    "invoice_id",
    "method_id",
    "state",
    "amount_minor",
    "currency",
    "error",
    "gateway_reference",
    "owner",
    "created_at",
)


def request_attempts(*, account: Account, invoice_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Ask for what is open on these claims; returns the attempts' ids.

    Claims that are settled, or have an attempt under way from whatever path, are passed over, so
    asking twice asks once. A claim whose customer has no method is a failed collection.
    """
    claims = _without_busy(account, lock_open(account, invoice_ids))
    methods = queries.usable_methods(account, [each.customer_id for each in claims])
    ready = [each for each in claims if each.customer_id in methods]
    ids = new_ids(len(ready))
    if ready:
        bulk.insert(
            PaymentAttempt,
            ATTEMPT,
            [
                (
                    id_,
                    each.id,
                    methods[each.customer_id],
                    State.REQUESTED,
                    each.open_minor,
                    each.currency,
                    "",
                    "",
                    "",
                    now,
                )
                for id_, each in zip(ids, ready, strict=True)
            ],
        )
        wake_attempts(account)
    faultpoint("payments.requested")
    outbox.append(*(_no_method(each) for each in claims if each.customer_id not in methods))
    return ids


def wake_attempts(account: Account) -> None:
    """Attempts are waiting: on the due list, and by a nudge once this is committed."""
    account_id = account.id
    due.note(DUE_KIND, wall_now())
    transaction.on_commit(lambda: jobs.nudge(DUE_KIND, account_id))


def _without_busy(account: Account, claims: Sequence[OpenClaim]) -> list[OpenClaim]:
    attempts = queries.attempts_of(account, [each.id for each in claims])
    busy = {each.invoice_id for each in attempts if each.is_busy}
    return [each for each in claims if each.id not in busy]


def _no_method(claim: OpenClaim) -> CollectionFailed:
    return CollectionFailed(
        invoice_id=claim.id,
        customer_id=claim.customer_id,
        attempt_id=None,
        error=NO_METHOD,
        is_final=True,
    )
