"""What lists of the plumbing can show: the audit log and what is parked."""

from django.db.models import QuerySet

from accounts.models import Account
from foundation.listing import Attribute, Kind, Listing
from foundation.models import AuditRow, Dispatch, Parked


def _audit(account: Account) -> QuerySet[AuditRow]:
    return AuditRow.objects.of(account)


def _parked(account: Account) -> QuerySet[Parked]:
    return Parked.objects.of(account)


def _dispatches(account: Account) -> QuerySet[Dispatch]:
    return Dispatch.objects.of(account).filter(state=Dispatch.State.PARKED)


AUDIT = Listing(
    "audit",
    _audit,
    (
        Attribute("actor", Kind.TEXT),
        Attribute("act", Kind.TEXT),
        Attribute("subject_kind", Kind.TEXT),
        Attribute("subject_id", Kind.ID),
        Attribute("sequence", Kind.NUMBER, nullable=True),
        Attribute("at", Kind.INSTANT),
    ),
)

PARKED = Listing(
    "parked",
    _parked,
    (
        Attribute("kind", Kind.TEXT),
        Attribute("subject_id", Kind.ID),
        Attribute("code", Kind.TEXT),
        Attribute("sentence", Kind.TEXT),
        Attribute("parked_at", Kind.INSTANT),
        Attribute("released_at", Kind.INSTANT, nullable=True),
        Attribute("released_by", Kind.TEXT),
    ),
)

PARKED_DISPATCHES = Listing(
    "parked_dispatches",
    _dispatches,
    (
        Attribute("handler", Kind.TEXT),
        Attribute("reason", Kind.TEXT),
        Attribute("failures", Kind.NUMBER),
        Attribute("created_at", Kind.INSTANT),
    ),
)
