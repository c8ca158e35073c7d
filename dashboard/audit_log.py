"""Who did what in this account."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.domain.rights import Right
from accounts.queries import names_of
from dashboard.columns import Column, Empty, Table
from dashboard.lists import ListView
from foundation.listing import Kind, Row
from operations.listings import AUDIT

TABLE = Table(
    name="audit",
    title=_("Audit log"),
    lead=_("Sealed every hour: each row is chained to the one before it."),
    listing=AUDIT,
    dated_by="at",
    order_by="at",
    columns=(
        Column(name="at", label=_("When")),
        Column(name="who", label=_("Who"), kind=Kind.TEXT, needs=("actor",)),
        Column(name="act", label=_("What")),
        Column(name="subject_kind", label=_("Of which kind")),
        Column(name="subject_id", label=_("Concerns")),
        Column(name="sequence", label=_("Sealed as"), is_default=False),
        Column(name="actor", label=_("Actor"), is_default=False),
    ),
    empty=Empty(
        icon="audit",
        title=_("Nothing happened yet"),
        text=_("Every change of settings, keys, plans and subscriptions leaves a row here."),
    ),
)


class AuditLog(ListView):
    table = TABLE
    here = "audit"
    right = Right.SEE_AUDIT

    def complete(self, rows: list[Row]) -> None:
        names = names_of(
            self.account, {actor for row in rows if (actor := _id(row.get("actor", "")))}
        )
        for row in rows:
            actor = _id(row.get("actor", ""))
            row["who"] = names.get(actor, row.get("actor")) if actor else row.get("actor")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
