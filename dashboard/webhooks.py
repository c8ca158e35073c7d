"""What the merchant's programs were told: the history, and each delivery with its tries."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.domain.rights import Right
from dashboard.columns import Column, Empty, Table
from dashboard.doors import AccountView
from dashboard.lists import Act, ListView
from dashboard.sessions import say
from kernel.clock import wall_now
from kernel.errors import Invalid
from webhooks import queries
from webhooks.commands.resend import disable, resend
from webhooks.listings import DELIVERIES

TABLE = Table(
    name="webhooks",
    title=gettext_lazy("Webhooks"),
    lead=gettext_lazy("What was sent to your addresses, and what they answered."),
    listing=DELIVERIES,
    columns=(
        Column(name="created_at", label=gettext_lazy("Created")),
        Column(name="state", label=gettext_lazy("State"), chip="delivery"),
        Column(name="event_type", label=gettext_lazy("Event"), link="delivery", link_by="id"),
        Column(name="customer", label=gettext_lazy("Customer"), link="customer"),
        Column(name="url", label=gettext_lazy("Address")),
        Column(name="count", label=gettext_lazy("Calls")),
        Column(name="next_at", label=gettext_lazy("Next call"), is_default=False),
        Column(name="first_fail_at", label=gettext_lazy("First failure"), is_default=False),
        Column(name="last_fail_at", label=gettext_lazy("Last failure"), is_default=False),
        Column(name="success_at", label=gettext_lazy("Delivered"), is_default=False),
    ),
    empty=Empty(
        icon="webhooks",
        title=gettext_lazy("Nothing was sent yet"),
        text=gettext_lazy("Name an address in the settings, and every event is sent there."),
    ),
)


class DeliveryList(ListView):
    table = TABLE
    here = "webhooks"
    acts = (Act(gettext_lazy("Settings"), "webhook_settings", "settings", Right.DEVELOP),)


class DeliveryDetail(AccountView):
    here = "webhooks"
    write_right = Right.DEVELOP

    def get(self, _request: HttpRequest, delivery_id: UUID) -> HttpResponse:
        found = queries.delivery_facts(self.account, [delivery_id])
        attempts = queries.attempts_of(self.account, delivery_id)
        context = {
            "delivery": found[0],
            "event": queries.event(self.account, found[0].event_id),
            "attempts": attempts,
            "may_develop": self.may(Right.DEVELOP),
        }
        return self.render("dashboard/delivery.html", context)

    def post(self, request: HttpRequest, delivery_id: UUID) -> HttpResponseBase:
        match request.POST.get("act"):
            case "resend":
                resend(account=self.account, ids=[delivery_id], actor=self.actor, now=wall_now())
                say(request, _("It is sent again."), tone="good")
            case "disable":
                disable(account=self.account, ids=[delivery_id], actor=self.actor, now=wall_now())
                say(request, _("It is not sent any more."))
            case _:
                raise Invalid("unknown_act", "There is no such act.", field="act")
        return self.to("delivery", delivery_id)
