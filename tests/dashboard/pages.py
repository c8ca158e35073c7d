"""Every page of the dashboard with an address that leads to something, in an account that has
billed, collected, declined, written, told and parked."""

from uuid import UUID

from django.urls import URLPattern

from customers.commands.create import create as create_customers
from customers.domain.details import Details, NewCustomer
from dashboard.urls import of_account, urlpatterns
from foundation import outbox
from foundation.listing import Asked, page
from foundation.tenancy import tenant
from invoicing.listings import INVOICES
from kernel.clock import wall_now
from messaging.listings import MAILS
from payments.commands import collect
from subscriptions.commands import drive
from subscriptions.listings import RUNS
from tests.dashboard.browser import path
from tests.factories import (
    NOON,
    card_token,
    give_card,
    make_account,
    make_add_on,
    make_plan,
    make_subscriptions,
    set_clock,
)
from webhooks.commands.change_settings import change_settings
from webhooks.domain.settings import NewSettings
from webhooks.listings import DELIVERIES

WITHOUT_ARGUMENTS = {
    "home": "",
    "search": "search?q=first",
    "customers": "customers",
    "subscriptions": "subscriptions",
    "invoices": "invoices",
    "attempts": "transactions",
    "runs": "runs",
    "journal": "ledger",
    "plans": "plans",
    "add_ons": "add-ons",
    "mails": "mail",
    "webhooks": "webhooks",
    "webhook_settings": "webhooks/settings",
    "api_keys": "keys",
    "parked": "parked",
    "audit": "audit",
    "settings": "settings",
}
ARGUMENT = "<"
"""What an address with an argument has in it."""


def routes_of_account() -> dict[str, str]:
    """Name to route of every page below an account."""
    return {str(each.name): str(each.pattern) for each in of_account}


def routes_outside() -> set[str]:
    """The names of all other pages."""
    return {str(each.name) for each in urlpatterns if isinstance(each, URLPattern)}


def furnished() -> UUID:
    """An account in which something of everything happened."""
    account_id = make_account()
    with tenant(account_id) as account:
        ids = create_customers(
            account=account,
            customers=[
                NewCustomer("first", Details(company="Erste GmbH", email="first@example.org")),
                NewCustomer("second", Details(last_name="Zweite", email="second@example.org")),
                NewCustomer("third", Details(last_name="Dritter")),
            ],
            now=NOON,
        )
        make_plan(account, trial=None)
        make_add_on(account, "extra")
        make_subscriptions(account, "first", "second", "third")
        settings = NewSettings(urls=("https://shop.example.org/hook",))
        change_settings(account=account, new=settings, actor="test", now=wall_now())
    give_card(account_id, ids[0])
    give_card(account_id, ids[1], token=card_token("101"))
    set_clock(account_id, "2026-02-01T00:00")
    work(account_id)
    return account_id


def work(account_id: UUID) -> None:
    """Bill, tell and collect, until nothing more happens."""
    for _ in range(3):
        drive.bill(account_id, batches=10)
        while outbox.drain(account_id, limit=50):
            pass
        collect.collect(account_id, batches=10)


def addresses(account_id: UUID) -> dict[str, str]:
    """Name to an address of every page below this account."""
    with tenant(account_id) as account:
        invoice = page(account, INVOICES, Asked(order_by="handle", descending=False)).rows[0]
        run = page(account, RUNS, Asked(order_by="started_at")).rows[0]["id"]
        mail = page(account, MAILS, Asked()).rows[0]["id"]
        delivery = page(account, DELIVERIES, Asked()).rows[0]["id"]
    found = dict(WITHOUT_ARGUMENTS) | {
        "customer": "customers/first",
        "subscription": "subscriptions/first",
        "invoice": f"invoices/{invoice['handle']}",
        "invoice_pdf": f"invoices/{invoice['handle']}/pdf",
        "invoice_page": f"invoices/{invoice['handle']}/page",
        "plan": "plans/plan",
        "run": f"runs/{run}",
        "mail": f"mail/{mail}",
        "mail_body": f"mail/{mail}/body",
        "mail_part": f"mail/{mail}/files/1",
        "delivery": f"webhooks/{delivery}",
    }
    return {name: path(account_id, rest) for name, rest in found.items()}
