"""An account with subscriptions that fall due together, and what each of them must be billed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from foundation.tenancy import tenant
from kernel.money import Money
from kernel.periods import local_moment
from payments.commands.add_methods import NewMethod, add_methods
from payments.gateways.cards import card_of_test_token
from payments.gateways.port import Gateway
from subscriptions.commands.create import create
from subscriptions.domain.start import NewAddOnUse, NewSubscription
from tests.factories import (
    NOON,
    card_token,
    make_account,
    make_add_on,
    make_customers,
    make_plan,
    set_clock,
)

START = "2026-02-01"
ADD_ON_MINOR = 595
CARDS = {
    "123": 78,
    "101": 2,
    "102": 3,
    "202": 2,
    "400": 2,
    "401": 2,
    "402": 2,
    "403": 3,
    "404": 3,
    "": 3,
}
"""Verification codes and their weights; without one the customer has no card at all."""
STEP = 200


@dataclass(slots=True)
class World:
    """The account under torture; `gross` is each subscription's price of a period, in cents."""

    account_id: UUID
    gross: dict[str, int] = field(default_factory=dict)
    periods: int = 0

    def move_on(self, months: int) -> None:
        """Put the account's clock so that `months` further periods of every one are due."""
        self.periods += months
        month = 1 + self.periods
        years, month_of_year = divmod(month - 1, 12)
        set_clock(self.account_id, f"{2026 + years}-{month_of_year + 1:02d}-01T00:00")


def make_world(size: int, *, seed: int, gateway: Gateway) -> World:
    """`size` customers with a monthly subscription each: own price, quantity, add-ons and card."""
    dice = random.Random(f"world {seed}")
    world = World(make_account())
    with tenant(world.account_id) as account:
        make_plan(account, price=1000)
        make_add_on(account, "extra", price=ADD_ON_MINOR)
    handles = [f"sub-{number:05d}" for number in range(size)]
    for start in range(0, size, STEP):
        _subscribe(world, handles[start : start + STEP], dice, gateway)
    return world


def _subscribe(world: World, handles: Sequence[str], dice: random.Random, gateway: Gateway) -> None:
    with tenant(world.account_id) as account:
        customers = make_customers(account, *handles)
        create(
            account=account,
            subscriptions=list(_subscriptions(world, handles, dice, account.timezone)),
            now=NOON,
        )
    methods = list(_methods(customers, dice, gateway))
    with tenant(world.account_id) as account:
        add_methods(account=account, methods=methods, now=NOON)


def _subscriptions(
    world: World, handles: Sequence[str], dice: random.Random, zone: str
) -> Iterator[NewSubscription]:
    """Prices include VAT, so what must be on the document is plain arithmetic."""
    for handle in handles:
        price, quantity, extras = dice.randrange(101, 9999), dice.randint(1, 4), dice.randint(0, 2)
        world.gross[handle] = price * quantity + ADD_ON_MINOR * extras
        yield NewSubscription(
            handle=handle,
            customer=handle,
            plan="plan",
            start=local_moment(START, zone),
            quantity=quantity,
            price=Money(price, "EUR"),
            add_ons=(NewAddOnUse("extra", extras),) if extras else (),
        )


def _methods(
    customers: Sequence[UUID], dice: random.Random, gateway: Gateway
) -> Iterator[NewMethod]:
    codes = dice.choices(list(CARDS), weights=list(CARDS.values()), k=len(customers))
    for customer_id, code in zip(customers, codes, strict=True):
        if code:
            card = gateway.store_card(card_of_test_token(card_token(code)))
            yield NewMethod(customer_id, card)
