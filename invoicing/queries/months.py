"""What was billed and paid month by month, and what is open now: one statement each."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth

from accounts.models import Account
from invoicing.domain.lifecycle import COLLECTABLE, State
from invoicing.models import Invoice


@dataclass(frozen=True, slots=True)
class Month:
    """The claims issued in one month, of one currency, in minor units; cancelled ones are out."""

    first_day: date
    currency: str
    count: int
    billed_minor: int
    paid_minor: int
    paid_count: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What may still be collected now, of one currency, in minor units."""

    currency: str
    open_count: int
    open_minor: int
    overdue_count: int
    overdue_minor: int
    failed_count: int
    failed_minor: int


def months(account: Account, first_day: date) -> list[Month]:
    """From the month that begins on `first_day`, oldest first; months without claims are not
    among them."""
    claims = Invoice.objects.of(account).filter(issued_on__gte=first_day)
    counted = (
        claims.exclude(state=State.CANCELLED)
        .annotate(month=TruncMonth("issued_on"))
        .values("month", "currency")
        .annotate(
            count=Count("id"),
            billed=Sum("gross_minor"),
            paid=Sum("settled_minor"),
            paid_count=Count("id", filter=Q(state=State.SETTLED)),
        )
        .order_by("month", "currency")
    )
    rows = counted.values_list("month", "currency", "count", "billed", "paid", "paid_count")
    return [Month(*row) for row in rows]


def standing(account: Account, today: date) -> list[Standing]:
    """By currency; overdue is what was due before `today`."""
    left = F("gross_minor") - F("settled_minor")
    overdue, failed = Q(due_on__lt=today), Q(state=State.FAILED)
    counted = (
        Invoice.objects.of(account)
        .filter(state__in=COLLECTABLE)
        .values("currency")
        .annotate(
            open=Count("id"),
            open_sum=Sum(left),
            overdue=Count("id", filter=overdue),
            overdue_sum=Sum(left, filter=overdue, default=0),
            failed=Count("id", filter=failed),
            failed_sum=Sum(left, filter=failed, default=0),
        )
        .order_by("currency")
    )
    names = ("currency", "open", "open_sum", "overdue", "overdue_sum", "failed", "failed_sum")
    return [Standing(*row) for row in counted.values_list(*names)]
