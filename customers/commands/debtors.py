"""The number of a customer in the merchant's books: given once, to one customer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError
from psycopg.errors import UniqueViolation

from accounts.models import Account
from customers.domain.details import debtor_number
from customers.models import Customer
from kernel.errors import Conflict, NotFound, Refused


def give_number(*, account: Account, customer_id: UUID, number: int) -> None:
    """Give the number; the same again changes nothing.

    Raises `Refused` when the customer has another one, and `Conflict` when the number is
    somebody else's.
    """
    debtor_number(number)
    customer = Customer.objects.of(account).select_for_update().filter(id=customer_id).first()
    if customer is None:
        raise NotFound("customer", customer_id)
    if customer.debtor_number == number:
        return
    if customer.debtor_number is not None:
        raise Refused(
            "debtor_number_fixed",
            "The debtor number of {customer} stays {number}.",
            customer=customer.handle,
            number=customer.debtor_number,
        )
    refuse_taken(account, [number])
    customer.debtor_number = number
    with number_once():
        customer.save(update_fields=["debtor_number"])


def refuse_taken(account: Account, numbers: Sequence[int | None]) -> None:
    """Raises `Conflict` for a number in use or given twice."""
    wanted = Counter(each for each in numbers if each is not None)
    if not wanted:
        return
    number, times = wanted.most_common(1)[0]
    taken = Customer.objects.of(account).filter(debtor_number__in=wanted).first()
    if taken is not None or times > 1:
        raise Conflict(
            "debtor_number_taken",
            "Another customer has the debtor number {number}.",
            number=number if taken is None else taken.debtor_number,
        )


@contextmanager
def number_once() -> Iterator[None]:
    """Of two that give one number at once, the second is refused in words."""
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        is_number = isinstance(cause, UniqueViolation)
        if not is_number or cause.diag.constraint_name != "customer_debtor_number":  # type: ignore[union-attr]
            raise
        raise Conflict("debtor_number_taken", "Another customer has that debtor number.") from error
