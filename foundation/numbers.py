"""Gapless numbers: a counter row per account, series and year, locked until the commit."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from foundation.tenancy import Tenant, require
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """`count` consecutive numbers from `first`, all to be dated `issued_on`."""

    first: int
    issued_on: date


def take(account: Tenant, series: str, *, count: int, on: date) -> NumberBlock:
    """Take the next `count` numbers of the series in the year of `on`.

    The counter stays locked until the transaction ends, and a rollback gives the numbers back:
    take it last. Within a series a higher number never has an earlier date, so a block is dated
    no earlier than the one before it.
    """
    require(account)
    assert count >= 1, "a block has a number"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO foundation_numbercounter AS counter
                (id, account_id, series, year, next_number, last_on)
            VALUES (%(id)s, %(account)s, %(series)s, %(year)s, 1 + %(count)s, %(on)s)
            ON CONFLICT (account_id, series, year) DO UPDATE
            SET next_number = counter.next_number + %(count)s,
                last_on = GREATEST(counter.last_on, %(on)s)
            RETURNING next_number - %(count)s, last_on
            """,
            {
                "id": new_id(),
                "account": account.id,
                "series": series,
                "year": on.year,
                "count": count,
                "on": on,
            },
        )
        first, issued_on = cursor.fetchone()
    return NumberBlock(first, issued_on)
