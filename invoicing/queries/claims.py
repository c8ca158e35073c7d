"""What claims tell of themselves, for pages of many at once."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.domain.details import HANDLE
from accounts.models import Account
from customers.models import CustomerVersion
from foundation.tenancy import require
from invoicing.domain.facts import Recipient
from invoicing.domain.lifecycle import State
from invoicing.domain.totals import Amounts
from invoicing.models import Invoice
from kernel.errors import NotFound
from kernel.money import half_away

ID = re.compile(r"[0-9a-f]{32}")


def id_of(account: Account, name: str) -> UUID:
    """The claim of that handle, or else of that id (32 hexadecimal digits); or `NotFound`."""
    claims = Invoice.objects.of(account)
    if HANDLE.fullmatch(name):
        found = claims.filter(handle=name).values_list("id", flat=True).first()
        if found is None and ID.fullmatch(name):
            found = claims.filter(id=UUID(hex=name)).values_list("id", flat=True).first()
        if found is not None:
            return found
    raise NotFound("invoice", name)


@dataclass(frozen=True, slots=True)
class LineFact:
    """A line of a claim's document; amounts in minor units."""

    id: int
    position: int
    origin: str
    origin_handle: str
    text: str
    quantity: int
    unit_minor: int
    incl_vat: bool
    vat_rate: Fraction
    net_minor: int
    tax_minor: int
    gross_minor: int
    service_from: date
    service_to: date

    @property
    def unit(self) -> Amounts:
        """What one unit costs, its tax rounded by itself."""
        one, share, whole = self.unit_minor, *self.vat_rate.as_integer_ratio()
        if self.incl_vat:
            tax = half_away(one * share, whole + share)
            return Amounts(one - tax, tax, one)
        tax = half_away(one * share, whole)
        return Amounts(one, tax, one + tax)


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """A claim with what its document says; a claim in state `created` has none."""

    id: UUID
    handle: str
    customer_id: UUID
    customer: str
    subscription_id: UUID | None
    state: State
    currency: str
    gross_minor: int
    settled_minor: int
    issued_on: date
    due_on: date
    created_at: datetime
    settled_at: datetime | None
    document_id: UUID | None
    number: str
    sequence: int | None
    net_minor: int
    tax_minor: int
    customer_version_id: UUID | None
    documented_at: datetime | None
    lines: tuple[LineFact, ...]
    recipient: Recipient | None


CLAIMS = """
SELECT i.id, i.handle, i.customer_id, c.handle, i.subscription_id, i.state, i.currency,
       i.gross_minor, i.settled_minor, i.issued_on, i.due_on, i.created_at, i.settled_at,
       d.id, COALESCE(d.number, ''), d.sequence, COALESCE(d.net_minor, i.gross_minor),
       COALESCE(d.tax_minor, 0), d.customer_version_id, d.created_at
FROM invoicing_invoice AS i
JOIN customers_customer AS c ON c.account_id = i.account_id AND c.id = i.customer_id
LEFT JOIN invoicing_document AS d
    ON d.account_id = i.account_id AND d.invoice_id = i.id AND d.kind = 'invoice'
WHERE i.account_id = %s AND i.id = ANY(%s)
"""

LINES = """
SELECT document_id, id, position, origin, origin_handle, text, quantity, unit_minor, incl_vat,
       vat_rate, net_minor, tax_minor, gross_minor, service_from, service_to
FROM invoicing_documentline
WHERE account_id = %s AND document_id = ANY(%s)
ORDER BY document_id, position
"""


def claim_facts(account: Account, ids: Collection[UUID]) -> dict[UUID, ClaimFact]:
    """Those of the claims that the account has, with lines and recipient; three statements."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(CLAIMS, [account.id, list(ids)])
        claims = cursor.fetchall()
        cursor.execute(LINES, [account.id, [row[13] for row in claims if row[13]]])
        lines: dict[UUID, list[LineFact]] = {}
        for document_id, *row in cursor.fetchall():
            row[8] = Fraction(row[8])
            lines.setdefault(document_id, []).append(LineFact(*row))
    to = _recipients(account, {row[18] for row in claims if row[18]})
    return {row[0]: _claim(list(row), lines.get(row[13], ()), to.get(row[18])) for row in claims}


def _claim(columns: list[Any], lines: Sequence[LineFact], recipient: Recipient | None) -> ClaimFact:
    columns[5] = State(columns[5])
    columns += (tuple(lines), recipient)
    return ClaimFact(*columns)


def _recipients(account: Account, version_ids: Collection[UUID]) -> dict[UUID, Recipient]:
    names = [each.name for each in fields(Recipient)]
    versions = CustomerVersion.objects.of(account).filter(id__in=version_ids)
    rows = versions.values("id", *names)
    return {row.pop("id"): Recipient(**row) for row in rows}


@dataclass(frozen=True, slots=True)
class ClaimSum:
    """How many claims are in a state, their gross sum and what of it is settled."""

    count: int
    gross_minor: int
    settled_minor: int


NO_CLAIMS = ClaimSum(0, 0, 0)

SUMS = """
SELECT {column}, state, count(*), sum(gross_minor)::bigint, sum(settled_minor)::bigint
FROM invoicing_invoice
WHERE account_id = %s AND {column} = ANY(%s) AND subscription_id IS NOT NULL
GROUP BY {column}, state
"""


def sums_by_subscription(
    account: Account, ids: Collection[UUID]
) -> dict[UUID, dict[State, ClaimSum]]:
    """Subscription to what its claims come to in each state; one statement."""
    return _sums(account, "subscription_id", ids)


def sums_by_customer(account: Account, ids: Collection[UUID]) -> dict[UUID, dict[State, ClaimSum]]:
    """Customer to what the claims of all its subscriptions come to; one statement."""
    return _sums(account, "customer_id", ids)


def _sums(
    account: Account, column: str, ids: Collection[UUID]
) -> dict[UUID, dict[State, ClaimSum]]:
    require(account)
    found: dict[UUID, dict[State, ClaimSum]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SUMS.format(column=column), [account.id, list(ids)])
        for owner, state, *numbers in cursor.fetchall():
            found.setdefault(owner, {})[State(state)] = ClaimSum(*numbers)
    return found


CUSTOMER_SUMS = """
SELECT currency, state, count(*), sum(gross_minor)::bigint, sum(settled_minor)::bigint
FROM invoicing_invoice
WHERE account_id = %s AND customer_id = %s
GROUP BY currency, state ORDER BY currency, state
"""


def sums_of_customer(account: Account, customer_id: UUID) -> list[tuple[str, State, ClaimSum]]:
    """What all claims on a customer come to, by currency and state; one statement."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(CUSTOMER_SUMS, [account.id, customer_id])
        return [(row[0], State(row[1]), ClaimSum(*row[2:])) for row in cursor.fetchall()]
