"""What failed too often and waits for a person."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.domain.rights import Right
from dashboard.outside import OutsideView
from dashboard.sessions import say
from foundation import outbox, queries
from foundation.tenancy import tenant
from operations.commands.release import release
from subscriptions.queries.facts import facts

KINDS = {
    "renewal": gettext_lazy("Renewal"),
    "attempt": gettext_lazy("Payment"),
    "render": gettext_lazy("Document"),
    "mail": gettext_lazy("Mail"),
}


class Parked(OutsideView):
    """Everything parked in the account, each with its reason and the way on."""

    here = "parked"
    write_right = Right.RELEASE

    def get(self, _request: HttpRequest) -> HttpResponse:
        with tenant(self.place.account_id) as account:
            self._enter(account)
            return self.render("dashboard/parked.html", self._context())

    def post(self, request: HttpRequest) -> HttpResponse:
        release(self.place.account_id, request.POST.get("name", ""), by=self.actor)
        say(request, _("Released: it is tried again now."), tone="good")
        return self.to("parked")

    def _context(self) -> dict[str, Any]:
        items = queries.parked(self.account)
        renewals = [each.subject_id for each in items if each.kind == "renewal"]
        known = facts(self.account, renewals) if renewals else {}
        return {
            "items": [
                (KINDS.get(each.kind, each.kind), each, known.get(each.subject_id))
                for each in items
            ],
            "dispatches": outbox.parked(self.account),
            "may_release": self.may(Right.RELEASE),
        }
