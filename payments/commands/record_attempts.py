"""Record what the acquirer said of attempts, by answer, callback or look-up alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import Account
from accounts.queries import business_now
from foundation import due, jobs, outbox
from foundation.faultpoint import faultpoint
from invoicing.commands.settle import Settlement, settle
from invoicing.queries import lock
from kernel.lifecycle import step
from payments.commands.claim_attempts import LOOK_UP_KIND
from payments.domain.lifecycle import BUSY, TABLE, Act, MethodState, State
from payments.events import CollectionFailed, PaymentMethodFailed, PaymentSucceeded
from payments.gateways.port import CHAIN_ERRORS, Outcome, OutcomeState
from payments.models import PaymentAttempt, PaymentMethod

PARK_KIND = "attempt"
ACTS = {
    OutcomeState.SUCCEEDED: Act.SUCCEED,
    OutcomeState.SOFT_DECLINED: Act.DECLINE_SOFTLY,
    OutcomeState.HARD_DECLINED: Act.DECLINE_HARD,
}


@dataclass(frozen=True, slots=True)
class _Word:
    """An attempt and what was said of it."""

    attempt: PaymentAttempt
    outcome: Outcome


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
        jobs.park(
            account=account,
            kind=PARK_KIND,
            subject_id=attempt.id,
            failure=jobs.Failure("contradicting_outcome", contradiction),
            now=wall,
        )
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
    if attempt.state == State.IN_FLIGHT:
        attempt.state = step(TABLE, State.IN_FLIGHT, Act.LOSE)
    attempt.error = (outcome.error or outcome.state.value)[:60]
    attempt.next_look_at = look_at
    attempt.lease_until = None
    attempt.save(update_fields=["state", "error", "next_look_at", "lease_until"])
    due.note(LOOK_UP_KIND, look_at)


def _end(account: Account, word: _Word, act: Act, wall: datetime) -> Settlement | None:
    attempt, outcome = word.attempt, word.outcome
    attempt.state = step(TABLE, State(attempt.state), act)
    attempt.error = (outcome.error or "")[:60]
    attempt.gateway_reference = (outcome.gateway_reference or "")[:100]
    attempt.ended_at, attempt.lease_until, attempt.next_look_at = wall, None, None
    attempt.save(
        update_fields=[
            "state",
            "error",
            "gateway_reference",
            "ended_at",
            "lease_until",
            "next_look_at",
        ]
    )
    if act is Act.SUCCEED:
        outbox.append(PaymentSucceeded(attempt_id=attempt.id, invoice_id=attempt.invoice_id))
        return Settlement(attempt.invoice_id, attempt.id, attempt.amount_minor)
    _fail(account, attempt, is_final=act is Act.DECLINE_HARD)
    return None


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
    if is_final and method.state == MethodState.ACTIVE and attempt.error not in CHAIN_ERRORS:
        method.state = MethodState.FAILED
        method.save(update_fields=["state"])
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
