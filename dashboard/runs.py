"""Billing runs: the list, and each one with its live progress and its sheet."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.domain.rights import Right
from dashboard.columns import Column, Empty, Table
from dashboard.doors import AccountView
from dashboard.lists import ListView
from dashboard.sessions import say
from kernel.errors import Invalid
from operations.run_reports import report
from subscriptions.commands import runs
from subscriptions.domain.lifecycle import RunState
from subscriptions.listings import RUNS

TABLE = Table(
    name="runs",
    title=gettext_lazy("Billing runs"),
    listing=RUNS,
    dated_by="started_at",
    order_by="started_at",
    columns=(
        Column(name="due_by", label=gettext_lazy("Due by"), link="run", link_by="id"),
        Column(name="state", label=gettext_lazy("State"), chip="run"),
        Column(name="started_at", label=gettext_lazy("Started")),
        Column(name="closed_at", label=gettext_lazy("Closed")),
        Column(name="pause_reason", label=gettext_lazy("Reason of the pause"), is_default=False),
    ),
    empty=Empty(
        icon="runs",
        title=gettext_lazy("No run yet"),
        text=gettext_lazy("A run opens by itself as soon as a subscription falls due."),
    ),
)
AMOUNTS = (
    ("lines", gettext_lazy("Lines")),
    ("documents", gettext_lazy("Documents")),
    ("ledger", gettext_lazy("Ledger")),
    ("settled", gettext_lazy("Paid")),
    ("in_flight", gettext_lazy("Under way")),
    ("open", gettext_lazy("Open")),
    ("difference", gettext_lazy("Difference")),
)


class RunList(ListView):
    table = TABLE
    here = "runs"


class RunDetail(AccountView):
    """One run; while it is open, htmx asks for the figures again and again."""

    here = "runs"
    write_right = Right.BILL

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        part = getattr(request, "htmx", False)
        name = "dashboard/parts/run_figures.html" if part else "dashboard/run.html"
        return self.render(name, self._context(run_id))

    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        report(self.account, run_id)
        match request.POST.get("act"):
            case "pause":
                reason = request.POST.get("reason", "").strip() or _("By hand")
                runs.pause(account=self.account, reason=reason, actor=self.actor, now=self.now)
                say(request, _("Paused: what a batch has begun it finishes."))
            case "resume":
                runs.resume(account=self.account, actor=self.actor, now=self.now)
                say(request, _("The run goes on."), tone="good")
            case _:
                raise Invalid("unknown_act", "A run can be paused or resumed.", field="act")
        return self.to("run", run_id)

    def _context(self, run_id: UUID) -> dict[str, Any]:
        told = report(self.account, run_id)
        return {
            "run": told,
            "total": told.billed + told.due,
            "is_open": told.state is not RunState.CLOSED,
            "sheet": _sheet(told.sheet),
            "currencies": list(told.sheet["currencies"]) if told.sheet else [],
            "may_bill": self.may(Right.BILL),
        }


def _sheet(sheet: Any) -> list[tuple[Any, list[tuple[str, int]]]]:
    """Row by row: what the amount is, and it in each currency."""
    if sheet is None:
        return []
    currencies = sheet["currencies"]
    return [
        (label, [(currency, column[name]) for currency, column in currencies.items()])
        for name, label in AMOUNTS
    ]
