"""What is billed: accounts with subscriptions that all fall due on one day, three lines each."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from accounts.commands.open_account import NewAccount, open_organisation
from accounts.domain.details import Party, Terms
from catalog.commands.create_plan import create_add_on, create_plan
from catalog.domain.terms import NewAddOn, NewPlan
from customers.commands.create import create as create_customers
from customers.domain.details import Details, NewCustomer
from foundation import statistics
from foundation.tenancy import tenant
from kernel.money import Money
from kernel.periods import local_moment
from subscriptions.commands.create import create as create_subscriptions
from subscriptions.domain.start import NewAddOnUse, NewSubscription

BEFORE = datetime(2026, 1, 15, 12, tzinfo=UTC)
DUE = datetime(2026, 2, 1, 12, tzinfo=UTC)
BATCH = 1000
EXTRAS = (NewAddOnUse("seats", 3), NewAddOnUse("support"))


def seed(sizes: Sequence[int]) -> list[UUID]:
    """An account for each size, with that many subscriptions, its clock at when they are due."""
    return [_account(number, size) for number, size in enumerate(sizes)]


def _account(number: int, size: int) -> UUID:
    account_id = open_organisation(
        name=f"Merchant {number}",
        subdomain=f"merchant-{number}",
        first=NewAccount(
            handle="main",
            party=Party(name=f"Merchant {number} GmbH", country="DE", city="Berlin"),
            terms=Terms(),
            clock_at=BEFORE,
        ),
        now=BEFORE,
    )
    with tenant(account_id) as account:
        price = Money(4900, "EUR")
        create_plan(
            account=account,
            new=NewPlan(handle="plan", name="Business plan", price=price),
            actor="bench",
            now=BEFORE,
        )
        for handle, cents in (("seats", 799), ("support", 1950)):
            create_add_on(
                account=account,
                new=NewAddOn(handle=handle, name=handle.title(), price=Money(cents, "EUR")),
                actor="bench",
                now=BEFORE,
            )
    for start in range(0, size, BATCH):
        _subscribe(account_id, range(start, min(size, start + BATCH)))
    with tenant(account_id) as account:
        account.clock_at = DUE
        account.save(update_fields=["clock_at"])
    statistics.refresh()
    return account_id


def _subscribe(account_id: UUID, numbers: range) -> None:
    with tenant(account_id) as account:
        create_customers(
            account=account,
            customers=[
                NewCustomer(f"customer-{n}", Details(last_name=f"Customer {n}", city="Berlin"))
                for n in numbers
            ],
            now=BEFORE,
        )
        create_subscriptions(
            account=account,
            subscriptions=[
                NewSubscription(
                    handle=f"subscription-{n}",
                    customer=f"customer-{n}",
                    plan="plan",
                    start=local_moment("2026-02-01", "Europe/Berlin"),
                    add_ons=EXTRAS,
                )
                for n in numbers
            ],
            now=BEFORE,
        )
