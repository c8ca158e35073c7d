"""One search over customers, subscriptions and invoices: by what people have at hand."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from customers.queries import matching
from dashboard.doors import AccountView
from dashboard.navigation import address
from foundation.listing import Asked, Filter, Listing, Op, page
from invoicing.listings import INVOICES
from invoicing.queries.numbers import numbered
from subscriptions.listings import SUBSCRIPTIONS

FOUND_MAX = 8
TEXT_MAX = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: how it is called, what helps to know it again, and its page."""

    handle: str
    beside: str
    url: str


class Search(AccountView):
    def get(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("q", "").replace("\0", "").strip()[:TEXT_MAX]
        groups = self._groups(asked) if asked.isprintable() and asked else []
        hits = [hit for _label, found in groups for hit in found]
        if len(hits) == 1 and hits[0].url:
            return HttpResponseRedirect(hits[0].url)
        return self.render("dashboard/search.html", {"searched": asked, "groups": groups})

    def _groups(self, asked: str) -> list[tuple[str, list[Hit]]]:
        found = [
            (_("Customers"), self._customers(asked)),
            (_("Subscriptions"), self._listed(SUBSCRIPTIONS, "subscription", asked)),
            (_("Invoices"), self._invoices(asked)),
        ]
        return [(label, hits) for label, hits in found if hits]

    def _customers(self, asked: str) -> list[Hit]:
        return [
            self._hit("customer", each.handle, each.name, each.email)
            for each in matching(self.account, asked, FOUND_MAX)
        ]

    def _invoices(self, asked: str) -> list[Hit]:
        by_number = [
            self._hit("invoice", handle, number)
            for number, handle in numbered(self.account, asked, FOUND_MAX)
        ]
        return by_number or self._listed(INVOICES, "invoice", asked)

    def _listed(self, listing: Listing, name: str, asked: str) -> list[Hit]:
        wanted = Asked(
            filters=(Filter("handle", Op.PREFIX, asked),),
            order_by="handle",
            descending=False,
            size=FOUND_MAX,
            columns=("handle", "customer"),
        )
        rows = page(self.account, listing, wanted).rows
        return [self._hit(name, row["handle"], row["customer"]) for row in rows]

    def _hit(self, name: str, handle: str, *beside: str) -> Hit:
        shown = " · ".join(each for each in beside if each)
        return Hit(handle, shown, address(self.place, name, handle))
