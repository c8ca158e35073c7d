"""Reads on payment methods and attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Q

from accounts.models import Account
from kernel.errors import NotFound
from payments.domain.lifecycle import BUSY, MethodState, State
from payments.models import PaymentAttempt, PaymentMethod


@dataclass(frozen=True, slots=True)
class AttemptFact:
    """What an attempt has to do with its claim: how much, and how far."""

    id: UUID
    invoice_id: UUID
    state: State
    amount_minor: int

    @property
    def is_busy(self) -> bool:
        """Asked for, sent, or of unknown outcome."""
        return self.state in BUSY


def usable_methods(account: Account, customer_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Customer to the newest active method, for those who have one."""
    methods = PaymentMethod.objects.of(account).filter(
        customer_id__in=customer_ids, state=MethodState.ACTIVE
    )
    newest = methods.order_by("customer_id", "-id").distinct("customer_id")
    return dict(newest.values_list("customer_id", "id"))


def attempts_of(account: Account, invoice_ids: Sequence[UUID]) -> list[AttemptFact]:
    """Every attempt on these claims."""
    attempts = PaymentAttempt.objects.of(account).filter(invoice_id__in=invoice_ids)
    rows = attempts.order_by("id").values_list("id", "invoice_id", "state", "amount_minor")
    return [
        AttemptFact(id_, invoice_id, State(state), amount)
        for id_, invoice_id, state, amount in rows
    ]


def is_attempt(account: Account, attempt_id: UUID) -> bool:
    """Whether the account has this attempt."""
    return PaymentAttempt.objects.of(account).filter(id=attempt_id).exists()


def waiting_count(account: Account) -> int:
    """Attempts asked for or on their way; those of unknown outcome are not among them."""
    waiting = [State.REQUESTED, State.IN_FLIGHT]
    return PaymentAttempt.objects.of(account).filter(state__in=waiting).count()


def unknown_count(account: Account) -> int:
    """Attempts whose outcome must be looked up."""
    return PaymentAttempt.objects.of(account).filter(state=State.UNKNOWN).count()


def method(account: Account, method_id: UUID) -> PaymentMethod:
    """The payment method, or `NotFound`."""
    found = PaymentMethod.objects.of(account).filter(id=method_id).first()
    if found is None:
        raise NotFound("payment_method", method_id)
    return found


def requested_count(account: Account) -> int:
    """Attempts that nobody has begun to send."""
    return PaymentAttempt.objects.of(account).filter(state=State.REQUESTED).count()


@dataclass(frozen=True, slots=True)
class Question:
    """An attempt whose outcome the acquirer must be asked for, by its id as key."""

    id: UUID
    gateway: str


def questions(account: Account, now: datetime, limit: int) -> list[Question]:
    """Attempts of unknown outcome whose look-up is due, and those whose sender's lease ended."""
    attempts = PaymentAttempt.objects.of(account).filter(
        Q(state=State.UNKNOWN, next_look_at__lte=now)
        | Q(state=State.IN_FLIGHT, lease_until__lte=now)
    )
    rows = attempts.order_by("id").values_list("id", "method_id")[:limit]
    methods = PaymentMethod.objects.of(account).filter(id__in={method for _, method in rows})
    gateways = dict(methods.values_list("id", "gateway"))
    return [Question(id_, gateways[method_id]) for id_, method_id in rows]


def next_question_at(account: Account) -> datetime | None:
    """The earliest instant (wall time) at which an outcome must be asked for."""
    attempts = PaymentAttempt.objects.of(account)
    unknown = attempts.filter(state=State.UNKNOWN).aggregate(at=Min("next_look_at"))["at"]
    leased = attempts.filter(state=State.IN_FLIGHT).aggregate(at=Min("lease_until"))["at"]
    known = [each for each in (unknown, leased) if each is not None]
    return min(known) if known else None


def lock_open_question(account: Account, attempt_id: UUID) -> PaymentAttempt | None:
    """Lock the attempt if its outcome is still open; locked by itself, as nothing is settled."""
    attempts = PaymentAttempt.objects.of(account).filter(
        id=attempt_id, state__in=[State.UNKNOWN, State.IN_FLIGHT]
    )
    return attempts.select_for_update().first()
