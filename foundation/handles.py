"""A handle that two transactions give at once: whoever commits second is refused in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from psycopg.errors import UniqueViolation

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
