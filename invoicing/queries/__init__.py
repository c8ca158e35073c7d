"""Reads on claims and documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Min, Sum

from accounts.models import Account
from foundation.tenancy import require
from invoicing.domain.lifecycle import COLLECTABLE
from invoicing.models import Document, Invoice


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """A claim with money still to be drawn, in minor units."""

    id: UUID
    customer_id: UUID
    currency: str
    open_minor: int


@dataclass(frozen=True, slots=True)
class StatedClaim:
    """A claim as it states itself, its document and the document's lines, all gross."""

    id: UUID
    handle: str
    document_id: UUID | None
    currency: str
    claim_minor: int
    settled_minor: int
    document_minor: int
    lines_minor: int


STATED = """
SELECT i.id, i.handle, d.id, i.currency, i.gross_minor, i.settled_minor,
       COALESCE(d.gross_minor, 0),
       COALESCE((SELECT sum(l.gross_minor) FROM invoicing_documentline AS l
                 WHERE l.account_id = i.account_id AND l.document_id = d.id), 0)::bigint
FROM invoicing_invoice AS i
LEFT JOIN invoicing_document AS d ON d.account_id = i.account_id AND d.invoice_id = i.id
WHERE i.account_id = %s AND i.id = ANY(%s)
ORDER BY i.id
"""


def lock_open(account: Account, ids: Sequence[UUID]) -> list[OpenClaim]:
    """Lock those of `ids` that may still be collected, ordered by id."""
    claims = Invoice.objects.of(account).filter(id__in=ids, state__in=COLLECTABLE)
    return [
        OpenClaim(each.id, each.customer_id, each.currency, each.open_minor)
        for each in claims.order_by("id").select_for_update()
        if each.open_minor
    ]


def stated(account: Account, ids: Sequence[UUID]) -> list[StatedClaim]:
    """What each claim, its document and its lines say; one query."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(STATED, [account.id, list(ids)])
        return [StatedClaim(*row) for row in cursor.fetchall()]


def lock(account: Account, ids: Sequence[UUID]) -> None:
    """Lock these claims, ordered by id, for a transaction that will lock what hangs on them."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [account.id, list(ids)])


LOCK = """
SELECT count(*) FROM (SELECT FROM invoicing_invoice
    WHERE account_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE) AS locked
"""


def collectable_of(account: Account, customer_ids: Sequence[UUID]) -> list[UUID]:
    """The customers' claims that may still be collected, oldest first."""
    claims = Invoice.objects.of(account).filter(customer_id__in=customer_ids, state__in=COLLECTABLE)
    return list(claims.order_by("id").values_list("id", flat=True))


def claimed_by_customer(account: Account) -> dict[UUID, tuple[int, int]]:
    """Customer to the number and the sum (gross, minor units) of all claims on them."""
    sums = Invoice.objects.of(account).values("customer_id")
    rows = sums.annotate(n=Count("id"), total=Sum("gross_minor"))
    return {row["customer_id"]: (row["n"], int(row["total"])) for row in rows}


def broken_series(account: Account) -> list[str]:
    """The number series that do not run from 1 without a gap; always none."""
    series = Document.objects.of(account).values("series", "year")
    rows = series.annotate(
        n=Count("sequence", distinct=True), low=Min("sequence"), top=Max("sequence")
    )
    return [
        f"{row['series']} {row['year']}"
        for row in rows.order_by("series", "year")
        if (row["low"], row["top"]) != (1, row["n"])
    ]
