"""Reads on payment methods and attempts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Min, Q

from accounts.models import Account
from foundation.tenancy import require
from kernel.errors import NotFound
from payments.domain.lifecycle import BUSY, MethodState, State
from payments.gateways.port import CHAIN_ERRORS
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


@dataclass(frozen=True, slots=True)
class MethodFact:
    """A stored card as it may be shown; `expiry` is MMYY."""

    id: UUID
    customer_id: UUID
    customer: str
    state: MethodState
    gateway: str
    gateway_token: str
    brand: str
    masked_number: str
    expiry: str
    reference: str
    created_at: datetime
    failed_at: datetime | None


METHODS = """
SELECT m.id, m.customer_id, c.handle, m.state, m.gateway, m.token, m.brand, m.masked_number,
       m.expiry, m.reference, m.created_at, m.failed_at
FROM payments_paymentmethod AS m
JOIN customers_customer AS c ON c.account_id = m.account_id AND c.id = m.customer_id
WHERE m.account_id = %s AND m.id = ANY(%s)
"""


def method_facts(account: Account, ids: Collection[UUID]) -> dict[UUID, MethodFact]:
    """Those of the methods that the account has, by id; one statement."""
    require(account)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(METHODS, [account.id, list(ids)])
        return {row[0]: _method(list(row)) for row in cursor.fetchall()}


def _method(columns: list[Any]) -> MethodFact:
    columns[3] = MethodState(columns[3])
    return MethodFact(*columns)


def method_ids_of(account: Account, customer_id: UUID, *, is_active: bool = False) -> list[UUID]:
    """The customer's methods, newest first; the first active one is the one that is drawn from."""
    methods = PaymentMethod.objects.of(account).filter(customer_id=customer_id)
    wanted = methods.filter(state=MethodState.ACTIVE) if is_active else methods
    return list(wanted.order_by("-id").values_list("id", flat=True))


def method_of_source(account: Account, customer_id: UUID, source_digest: str) -> UUID:
    """The customer's newest method that came from this token; the caller has put one there."""
    methods = PaymentMethod.objects.of(account).filter(customer_id=customer_id)
    found = methods.filter(source_digest=source_digest).order_by("-id")
    return found.values_list("id", flat=True)[0]


def customers_with_methods(account: Account, customer_ids: Collection[UUID]) -> set[UUID]:
    """Those of the customers that have, or once had, a method."""
    methods = PaymentMethod.objects.of(account).filter(customer_id__in=customer_ids)
    return set(methods.values_list("customer_id", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class AttemptDetail:
    """An attempt with its claim's handle and the method it draws from."""

    id: UUID
    invoice_id: UUID
    invoice: str
    state: State
    amount_minor: int
    currency: str
    error: str
    gateway_reference: str
    created_at: datetime
    ended_at: datetime | None
    method: MethodFact

    @property
    def is_busy(self) -> bool:
        """Asked for, sent, or of unknown outcome."""
        return self.state in BUSY

    @property
    def is_chain_fault(self) -> bool:
        """Declined for a fault in the chain and not of the method."""
        return self.error in CHAIN_ERRORS


ATTEMPTS = """
SELECT a.id, a.invoice_id, i.handle, a.state, a.amount_minor, a.currency, a.error,
       a.gateway_reference, a.created_at, a.ended_at, a.method_id
FROM payments_paymentattempt AS a
JOIN invoicing_invoice AS i ON i.account_id = a.account_id AND i.id = a.invoice_id
WHERE a.account_id = %s AND {}
ORDER BY a.id
"""


def attempt_details(account: Account, ids: Collection[UUID]) -> dict[UUID, AttemptDetail]:
    """Those of the attempts that the account has, by id; two statements."""
    found = _details(account, "a.id = ANY(%s)", ids)
    return {each.id: each for each in found}


def attempts_by_invoice(
    account: Account, invoice_ids: Collection[UUID]
) -> dict[UUID, list[AttemptDetail]]:
    """Claim to its attempts, oldest first, for those that have any; two statements."""
    found: dict[UUID, list[AttemptDetail]] = {}
    for each in _details(account, "a.invoice_id = ANY(%s)", invoice_ids):
        found.setdefault(each.invoice_id, []).append(each)
    return found


def _details(account: Account, condition: str, ids: Collection[UUID]) -> list[AttemptDetail]:
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(ATTEMPTS.format(condition), [account.id, list(ids)])
        rows = cursor.fetchall()
    methods = method_facts(account, {row[-1] for row in rows})
    return [_detail(list(row), methods) for row in rows]


def _detail(columns: list[Any], methods: dict[UUID, MethodFact]) -> AttemptDetail:
    columns[3], columns[-1] = State(columns[3]), methods[columns[-1]]
    return AttemptDetail(*columns)
