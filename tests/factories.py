"""Plain makers of things, one per kind; each says only what a test wants to differ."""

from datetime import UTC, datetime
from fractions import Fraction
from uuid import UUID

from accounts.commands.open_account import NewAccount, open_organisation
from accounts.domain.details import Party, Terms
from catalog.commands.create_plan import create_add_on, create_plan
from catalog.domain.terms import NewAddOn, NewPlan
from customers.commands.create import create as create_customers
from customers.domain.details import NewCustomer
from foundation.tenancy import tenant
from kernel.ids import new_id
from kernel.money import Money
from kernel.periods import local_moment
from payments.commands.add_methods import NewMethod, add_methods
from payments.commands.collect import gateway_of
from payments.gateways.cards import card_of_test_token
from subscriptions.commands.create import create as create_subscriptions
from subscriptions.domain.start import NewSubscription

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
"""Where the clocks of test accounts stand at first."""

GOOD_CARD = "ct_test_4111111111111111_1239_123_x"


def card_token(cvv: str) -> str:
    """A visa whose code decides what happens to it."""
    return f"ct_test_4111111111111111_1239_{cvv}_x"


def make_account(*, clock_at: datetime | None = NOON, is_live: bool = False, **terms) -> UUID:
    """A new organisation with one account, on its own clock unless told otherwise."""
    return open_organisation(
        name="Muster",
        subdomain=new_id().hex,
        first=NewAccount(
            handle="main",
            party=Party(name="Muster GmbH", country="DE", city="Berlin"),
            terms=Terms(**terms),
            is_live=is_live,
            clock_at=None if is_live else clock_at,
        ),
        now=NOON,
    )


def make_customers(account, *handles: str) -> list[UUID]:
    return create_customers(
        account=account, customers=[NewCustomer(each) for each in handles], now=NOON
    )


def make_plan(account, handle: str = "plan", *, price: int = 1990, currency="EUR", **terms):
    terms.setdefault("vat", Fraction(19, 100))
    new = NewPlan(handle=handle, name=handle.title(), price=Money(price, currency), **terms)
    return create_plan(account=account, new=new, actor="test", now=NOON)


def make_add_on(account, handle: str, *, price: int = 500, currency: str = "EUR", **terms):
    new = NewAddOn(handle=handle, name=handle.title(), price=Money(price, currency), **terms)
    return create_add_on(account=account, new=new, actor="test", now=NOON)


def make_subscriptions(account, *handles: str, start: str = "2026-02-01", **rest) -> list[UUID]:
    """One for each customer of the same handle."""
    zone = account.timezone
    return create_subscriptions(
        account=account,
        subscriptions=[
            NewSubscription(
                **{"handle": each, "customer": each, "plan": "plan"} | rest,
                start=local_moment(start, zone),
            )
            for each in handles
        ],
        now=account.clock_at or NOON,
    )


def give_card(account_id: UUID, customer_id: UUID, *, token: str = GOOD_CARD) -> UUID:
    """A magic card at the acquirer's, as the customer's payment method."""
    card = gateway_of("simulated").store_card(card_of_test_token(token))
    with tenant(account_id) as account:
        (method_id,) = add_methods(
            account=account, methods=[NewMethod(customer_id, card)], now=NOON
        )
    return method_id


def set_clock(account_id: UUID, text: str) -> None:
    """Put the account's clock to a local moment; `operations` does it with all that follows."""
    with tenant(account_id) as account:
        account.clock_at = local_moment(text, account.timezone).instant
        account.save(update_fields=["clock_at"])
