"""A handle that two transactions give at once: whoever commits second is refused in words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import IntegrityError
from psycopg.errors import UniqueViolation

from foundation import numbers
from foundation.tenancy import Tenant
from kernel.errors import Conflict


@contextmanager
def handle_once(constraint: str, kind: str) -> Iterator[None]:
    """Raises `Conflict("handle_taken")` where `constraint` refuses the rows; the transaction ends.

    A handle that is taken already is found, and named, by a look before.
    """
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        if isinstance(cause, UniqueViolation) and cause.diag.constraint_name == constraint:
            raise Conflict(
                "handle_taken", "There is already a {kind} of that handle.", kind=kind
            ) from error
        raise


_EVER = date(2000, 1, 1)
"""The numbers of handles do not begin anew with a year, so all are taken in the same one."""


def generated(account: Tenant, prefix: str, is_taken: Callable[[str], bool]) -> str:
    """The next handle of a kind, `cust-1` and so on, without those that the merchant gave."""
    while True:
        block = numbers.take(account, f"handle.{prefix}", count=1, on=_EVER)
        handle = f"{prefix}-{block.first}"
        if not is_taken(handle):
            return handle
