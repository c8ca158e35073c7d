"""The billing run as a visible thing: opened, paused, resumed, closed with its sheet."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from accounts.domain.details import text
from accounts.models import Account
from foundation import audit, due, outbox
from foundation.models import Parked
from invoicing import queries as invoicing
from kernel.clock import wall_now
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.lifecycle import step
from ledger import queries as ledger
from payments import queries as payments
from payments.domain.lifecycle import State as AttemptState
from subscriptions import queries
from subscriptions.domain.lifecycle import RUN_TABLE, RunAct, RunState
from subscriptions.domain.sheet import ClaimFacts, Sheet, sheet
from subscriptions.models import BillingRun

PARKED_MIN = 5
PARKED_PERCENT = 2
SHEET_BATCH = 5000
CLOSE_KIND = "run"


def open_or_join(*, account: Account, now: datetime) -> BillingRun | None:
    """The account's run for all that is due by `now`: the open one, or a new one if there is
    anything to bill. A paused run is given back as it is; nothing due and no run is nothing."""
    run = _lock_open(account) or _opened(account, now)
    if run is None or run.state == RunState.PAUSED:
        return run
    if run.state == RunState.BILLING and now <= run.due_by:
        return run
    if queries.is_any_due(account, now):
        run.due_by = max(run.due_by, now)
        if run.state == RunState.COLLECTING:
            run.state = step(RUN_TABLE, RunState.COLLECTING, RunAct.REOPEN)
        run.save(update_fields=["due_by", "state"])
    return run


def _opened(account: Account, now: datetime) -> BillingRun | None:
    """A new run if anything is due; of two that open one at once, the second joins the first's."""
    if not queries.is_any_due(account, now):
        return None
    run = BillingRun(id=new_id(), account_id=account.id, due_by=now, started_at=now)
    BillingRun.objects.of(account).bulk_create([run], ignore_conflicts=True)
    return _lock_open(account)


def pause(*, account: Account, reason: str, actor: str, now: datetime) -> None:
    """No further batch begins; what a batch has begun it finishes."""
    run = _the_open(account)
    _move(run, RunAct.PAUSE)
    run.pause_reason = text(reason, field="reason")
    run.save(update_fields=["state", "pause_reason"])
    _record(account, run, actor, "billing_run.paused", now)


def resume(*, account: Account, actor: str, now: datetime) -> None:
    """Bill on; a run paused for too many parked subjects is resumed by a person alone."""
    run = _the_open(account)
    _move(run, RunAct.RESUME)
    run.pause_reason = ""
    run.save(update_fields=["state", "pause_reason"])
    _record(account, run, actor, "billing_run.resumed", now)


def pause_if_too_many_parked(*, account: Account, run_id: UUID, now: datetime) -> bool:
    """Stop the run when more than 5, and more than 2 % of what it touched, had to be parked."""
    run = _lock_open(account)
    if run is None or run.id != run_id or run.state != RunState.BILLING:
        return False
    parked = Parked.objects.of(account).filter(
        kind=queries.PARK_KIND, released_at=None, parked_at__gte=run.started_at
    )
    count = parked.count()
    touched = queries.billed_count(account, run.id) + count
    if count <= PARKED_MIN or count * 100 <= touched * PARKED_PERCENT:
        return False
    pause(
        account=account, reason=f"{count} of {touched} subjects were parked", actor="run", now=now
    )
    return True


def finish_billing(*, account: Account, run_id: UUID) -> bool:
    """From billing to collecting, once nothing is due any more, locked or not; whether it is."""
    run = _lock_open(account)
    if run is None:
        return True
    if run.id != run_id or run.state == RunState.PAUSED or queries.is_any_due(account, run.due_by):
        return False
    if run.state == RunState.BILLING:
        _move(run, RunAct.COLLECT)
        run.save(update_fields=["state"])
        due.note(CLOSE_KIND, wall_now())
    return True


def close(*, account: Account, run_id: UUID, now: datetime) -> BillingRun | None:
    """Close a collecting run with its sheet, once all was asked for and no attempt is on its way.

    An attempt of unknown outcome does not hold it up: it stands in the column in flight.
    """
    run = _lock_open(account)
    if run is None or run.id != run_id or run.state != RunState.COLLECTING:
        return None
    if outbox.pending_count(account) or payments.waiting_count(account):
        return None
    _hold_still(account, run_id)
    run.sheet = sheet_of(account, run_id).as_json()
    run.closed_at = now
    _move(run, RunAct.CLOSE)
    run.save(update_fields=["sheet", "closed_at", "state"])
    return run


def sheet_of(account: Account, run_id: UUID) -> Sheet:
    """The run's sheet as of now, each claim as every book has it."""
    return sheet(_facts(account, run_id))


def _hold_still(account: Account, run_id: UUID) -> None:
    """Lock the claims that money may still come in for, all at once and ordered by id: a payment
    recorded while the sheet is drawn up would stand in one of its columns and not in the next."""
    invoicing.lock(account, [each for page in _pages(account, run_id) for each in page])


def _facts(account: Account, run_id: UUID) -> Iterator[ClaimFacts]:
    for page in _pages(account, run_id):
        yield from _facts_of(account, page)


def _pages(account: Account, run_id: UUID) -> Iterator[list[UUID]]:
    after = 0
    while page := queries.invoices_of_run(account, run_id, after, SHEET_BATCH):
        after = page[-1][0]
        yield [invoice_id for _, invoice_id in page]


def _facts_of(account: Account, ids: list[UUID]) -> Iterator[ClaimFacts]:
    claims = invoicing.stated(account, ids)
    attempts = payments.attempts_of(account, ids)
    subjects = [each.document_id for each in claims if each.document_id]
    booked = ledger.receivables_by_subject(account, subjects + [each.id for each in attempts])
    taken, in_flight, collected = (dict.fromkeys(ids, 0) for _ in range(3))
    for attempt in attempts:
        if attempt.state is AttemptState.SUCCEEDED:
            taken[attempt.invoice_id] += attempt.amount_minor
        in_flight[attempt.invoice_id] += attempt.amount_minor if attempt.is_busy else 0
        collected[attempt.invoice_id] -= booked.get(attempt.id, 0)
    for claim in claims:
        yield ClaimFacts(
            handle=claim.handle,
            currency=claim.currency,
            lines=claim.lines_minor,
            document=claim.document_minor,
            claim=claim.claim_minor,
            booked=booked.get(claim.document_id, 0) if claim.document_id else 0,
            settled=claim.settled_minor,
            collected=collected[claim.id],
            taken=taken[claim.id],
            in_flight=in_flight[claim.id],
        )


def _lock_open(account: Account) -> BillingRun | None:
    runs = BillingRun.objects.of(account).exclude(state=RunState.CLOSED)
    return runs.select_for_update().first()


def _the_open(account: Account) -> BillingRun:
    run = _lock_open(account)
    if run is None:
        raise NotFound("open billing run", account.handle)
    return run


def _move(run: BillingRun, act: RunAct) -> None:
    run.state = step(RUN_TABLE, RunState(run.state), act)


def _record(account: Account, run: BillingRun, actor: str, act: str, now: datetime) -> None:
    audit.record(account=account, actor=actor, act=act, subject=("billing_run", run.id), at=now)
