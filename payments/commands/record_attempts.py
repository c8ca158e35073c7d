"""Record what the acquirer said of attempts, by answer, callback or look-up alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from accounts.models import Account
from accounts.queries import business_now
from foundation import due, jobs, outbox
from foundation.faultpoint import faultpoint
from foundation.tenancy import require
from invoicing.commands.settle import Settlement, settle
from invoicing.queries import lock
from kernel.lifecycle import step
from payments import queries
from payments.commands.claim_attempts import LOOK_UP_KIND
from payments.domain.lifecycle import BUSY, METHOD_TABLE, TABLE, Act, MethodAct, MethodState, State
from payments.events import CollectionFailed, PaymentMethodFailed, PaymentSucceeded
from payments.gateways.port import CHAIN_ERRORS, Outcome, OutcomeState
from payments.models import PaymentAttempt, PaymentMethod

PARK_KIND = "attempt"
ACTS = {
    OutcomeState.SUCCEEDED: Act.SUCCEED,
    OutcomeState.SOFT_DECLINED: Act.DECLINE_SOFTLY,
    OutcomeState.HARD_DECLINED: Act.DECLINE_HARD,
}


END = """
UPDATE payments_paymentattempt AS attempt
SET state = new.state, error = new.error, gateway_reference = new.gateway_reference,
    ended_at = new.ended_at, lease_until = NULL, next_look_at = NULL
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    AS new(id, state, error, gateway_reference, ended_at)
WHERE attempt.account_id = %s AND attempt.id = new.id
"""


@dataclass(slots=True)
class _Word:
    """An attempt and what was said of it; `has_ended` when that was its end."""

    attempt: PaymentAttempt
    outcome: Outcome
    has_ended: bool = False


def record_attempts(
    *, account: Account, outcomes: Sequence[Outcome], wall: datetime, look_up_after: timedelta
) -> None:
    """Step the attempts and settle what succeeded; saying the same again changes nothing.

    A later word never overturns a final one. A word that contradicts what was asked for (another
    amount or currency, a success after a decline) parks the attempt and moves no money. What is
    not final is looked up `look_up_after` from `wall`, in wall time.
    """
    words = _locked(account, outcomes)
    settlements = [_apply(account, each, wall, look_up_after) for each in words]
    _write_ended(account, [each.attempt for each in words if each.has_ended])
    settle(
        account=account,
        settlements=[each for each in settlements if each],
        now=business_now(account),
    )
    faultpoint("payments.recorded")


def _locked(account: Account, outcomes: Sequence[Outcome]) -> list[_Word]:
    """The attempts, locked after their claims as the lock order asks."""
    said = {each.key: each for each in outcomes}
    attempts = PaymentAttempt.objects.of(account).filter(id__in=said)
    lock(account, list(attempts.values_list("invoice_id", flat=True)))
    return [_Word(each, said[each.id]) for each in attempts.order_by("id").select_for_update()]


def _apply(
    account: Account, word: _Word, wall: datetime, look_up_after: timedelta
) -> Settlement | None:
    attempt, outcome = word.attempt, word.outcome
    if contradiction := _contradiction(word):
        failure = jobs.Failure("contradicting_outcome", contradiction)
        set_aside(account=account, attempt_id=attempt.id, failure=failure, wall=wall)
        return None
    if State(attempt.state) not in BUSY:
        return None
    act = ACTS.get(outcome.state)
    if act is None:
        _await_word(attempt, outcome, wall + look_up_after)
        return None
    return _end(account, word, act, wall)


def _contradiction(word: _Word) -> str:
    attempt, outcome = word.attempt, word.outcome
    said, state = outcome.amount, State(attempt.state)
    if said and (said.minor, said.currency) != (attempt.amount_minor, attempt.currency):
        return (
            f"asked for {attempt.amount_minor} {attempt.currency}, "
            f"the acquirer says {said.minor} {said.currency}"
        )
    act = ACTS.get(outcome.state)
    is_final = state not in BUSY and act is not None
    if is_final and state != step(TABLE, State.IN_FLIGHT, act or Act.SUCCEED):
        return f"it ended as {state.value}, now the acquirer says {outcome.state.value}"
    return ""


def _await_word(attempt: PaymentAttempt, outcome: Outcome, look_at: datetime) -> None:
    """Not known yet: nothing else may be sent for the claim until the acquirer has said."""
    attempt.error = (outcome.error or outcome.state.value)[:60]
    attempt.not_found_since = None
    lose(attempt, look_at=look_at)
    due.note(LOOK_UP_KIND, look_at)


def lose(attempt: PaymentAttempt, *, look_at: datetime | None) -> None:
    """Nobody is sending it any more; its outcome is asked for at `look_at`, or by nobody."""
    if attempt.state == State.IN_FLIGHT:
        attempt.state = step(TABLE, State.IN_FLIGHT, Act.LOSE)
    attempt.next_look_at, attempt.lease_until = look_at, None
    attempt.save(update_fields=["state", "error", "not_found_since", "next_look_at", "lease_until"])


def set_aside(*, account: Account, attempt_id: UUID, failure: jobs.Failure, wall: datetime) -> None:
    """Park the attempt. An open outcome stays open, and is not asked for until it is released."""
    attempt = queries.lock_open_question(account, attempt_id)
    if attempt is not None:
        lose(attempt, look_at=None)
    jobs.park(account=account, kind=PARK_KIND, subject_id=attempt_id, failure=failure, now=wall)


def release(*, account: Account, attempt_id: UUID, by: str, wall: datetime) -> None:
    """A person has the acquirer asked again; raises `NotFound` when it is not parked."""
    jobs.release(account=account, kind=PARK_KIND, subject_id=attempt_id, by=by, now=wall)
    attempt = queries.lock_open_question(account, attempt_id)
    if attempt is not None:
        lose(attempt, look_at=wall)
        due.note(LOOK_UP_KIND, wall)


def _end(account: Account, word: _Word, act: Act, wall: datetime) -> Settlement | None:
    attempt, outcome = word.attempt, word.outcome
    attempt.state = step(TABLE, State(attempt.state), act)
    attempt.error = (outcome.error or "")[:60]
    attempt.gateway_reference = (outcome.gateway_reference or "")[:100]
    attempt.ended_at, attempt.lease_until, attempt.next_look_at = wall, None, None
    word.has_ended = True
    if act is Act.SUCCEED:
        outbox.append(PaymentSucceeded(attempt_id=attempt.id, invoice_id=attempt.invoice_id))
        return Settlement(attempt.invoice_id, attempt.id, attempt.amount_minor)
    _fail(account, attempt, is_final=act is Act.DECLINE_HARD)
    return None


def _write_ended(account: Account, ended: Sequence[PaymentAttempt]) -> None:
    """One statement for all of them."""
    if not ended:
        return
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(
            END,
            [
                [each.id for each in ended],
                [State(each.state).value for each in ended],
                [each.error for each in ended],
                [each.gateway_reference for each in ended],
                [each.ended_at for each in ended],
                account.id,
            ],
        )


def _fail(account: Account, attempt: PaymentAttempt, *, is_final: bool) -> None:
    method = PaymentMethod.objects.of(account).get(id=attempt.method_id)
    outbox.append(
        CollectionFailed(
            invoice_id=attempt.invoice_id,
            customer_id=method.customer_id,
            attempt_id=attempt.id,
            error=attempt.error,
            is_final=is_final,
        )
    )
    if is_final and attempt.error not in CHAIN_ERRORS:
        active = PaymentMethod.objects.of(account).filter(id=method.id, state=MethodState.ACTIVE)
        failed = step(METHOD_TABLE, MethodState.ACTIVE, MethodAct.FAIL)
        if active.update(state=failed, failed_at=business_now(account)):
            outbox.append(PaymentMethodFailed(method_id=method.id, error=attempt.error))


def send_again(*, account: Account, attempt_id: UUID) -> bool:
    """The acquirer does not know the key: send it again under the same key.

    Only an attempt still unknown moves; whether it did.
    """
    attempts = PaymentAttempt.objects.of(account).filter(id=attempt_id, state=State.UNKNOWN)
    attempt = attempts.select_for_update().first()
    if attempt is None:
        return False
    attempt.state = step(TABLE, State.UNKNOWN, Act.SEND_AGAIN)
    attempt.not_found_since = attempt.next_look_at = None
    attempt.save(update_fields=["state", "not_found_since", "next_look_at"])
    return True
