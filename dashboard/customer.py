"""One customer: who it is, what it subscribes to, what it owes, how it pays."""

from django.http import HttpRequest, HttpResponse

from customers.queries import fact
from dashboard.doors import AccountView
from foundation.listing import Asked, Filter, Listing, Op, Row, page
from invoicing.listings import INVOICES
from invoicing.queries.claims import sums_of_customer
from messaging.listings import MAILS
from payments.queries import method_facts, method_ids_of
from subscriptions.listings import SUBSCRIPTIONS
from subscriptions.queries.facts import CustomerCounts, counts_by_customer

SHOWN = 10


class CustomerDetail(AccountView):
    here = "customers"

    def get(self, _request: HttpRequest, handle: str) -> HttpResponse:
        customer = fact(self.account, handle)
        methods = method_ids_of(self.account, customer.id)
        known = method_facts(self.account, methods)
        counts = counts_by_customer(self.account, [customer.id], self.now)
        context = {
            "customer": customer,
            "counts": counts.get(customer.id, CustomerCounts()),
            "sums": sums_of_customer(self.account, customer.id),
            "subscriptions": self._rows(SUBSCRIPTIONS, customer.id),
            "invoices": self._rows(INVOICES, customer.id),
            "mails": self._rows(MAILS, customer.id),
            "methods": [known[each] for each in methods],
        }
        return self.render("dashboard/customer.html", context)

    def _rows(self, listing: Listing, customer_id: object) -> list[Row]:
        asked = Asked(filters=(Filter("customer_id", Op.IS, customer_id),), size=SHOWN)
        return page(self.account, listing, asked).rows
