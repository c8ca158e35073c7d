"""One subscription: where it stands, what it billed, and how it ends or goes on."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from accounts.domain.rights import Right
from catalog.queries import plan, version
from customers.queries import facts as customers
from dashboard.doors import AccountView
from dashboard.sessions import say
from foundation.listing import Asked, Filter, Op, page
from foundation.queries import parked
from invoicing.listings import INVOICES
from kernel.errors import Invalid
from payments.queries import method_facts
from subscriptions.commands.cancel import cancel
from subscriptions.commands.expire import expire
from subscriptions.commands.uncancel import uncancel
from subscriptions.queries.facts import SubscriptionFact, one

INVOICES_SHOWN = 12


class SubscriptionDetail(AccountView):
    here = "subscriptions"
    write_right = Right.CHANGE_CUSTOMERS

    def get(self, _request: HttpRequest, handle: str) -> HttpResponse:
        found = one(self.account, handle)
        return self.render("dashboard/subscription.html", self._context(found))

    def post(self, request: HttpRequest, handle: str) -> HttpResponseBase:
        """One of the acts; what it will do stands beside its button."""
        found = one(self.account, handle)
        match request.POST.get("act"):
            case "cancel":
                cancel(
                    account=self.account,
                    subscription_id=found.id,
                    actor=self.actor,
                    now=self.now,
                )
                say(request, _("Cancelled: it runs to its end and bills no further period."))
            case "uncancel":
                uncancel(
                    account=self.account,
                    subscription_id=found.id,
                    actor=self.actor,
                    now=self.now,
                )
                say(request, _("The cancellation is taken back."), tone="good")
            case "expire":
                expire(
                    account=self.account,
                    subscription_id=found.id,
                    actor=self.actor,
                    now=self.now,
                )
                say(request, _("It has ended; what is billed stays owed."))
            case _:
                raise Invalid("unknown_act", "There is no such act.", field="act")
        return self.to("subscription", handle)

    def _context(self, found: SubscriptionFact) -> dict[str, Any]:
        sold = version(self.account, plan(self.account, found.plan), found.plan_version)
        own = page(
            self.account,
            INVOICES,
            Asked(filters=(Filter("subscription_id", Op.IS, found.id),), size=INVOICES_SHOWN),
        )
        methods = method_facts(self.account, [found.method_id]) if found.method_id else {}
        return {
            "subscription": found,
            "standing": self._standing(found),
            "plan": sold,
            "customer": customers(self.account, [found.customer_id])[found.customer_id],
            "invoices": own.rows,
            "has_more": own.next is not None,
            "method": methods.get(found.method_id) if found.method_id else None,
            "sums": sorted(found.claims.items()),
            "parked": [each for each in parked(self.account) if each.subject_id == found.id],
            "may_change": self.may(Right.CHANGE_CUSTOMERS),
        }

    def _standing(self, found: SubscriptionFact) -> str:
        """The state in the word that matters most to a reader."""
        if found.state != "active":
            return str(found.state)
        if found.cancelled_at is not None:
            return "cancelled"
        return "trial" if found.is_in_trial(self.now) else "active"
