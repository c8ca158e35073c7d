"""Build the demo world: a story lived through by the engine, day by day, on the account's clock."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from accounts.commands.open_account import NewAccount, open_organisation
from accounts.models import Account
from accounts.queries import business_now, route_of
from catalog.commands.create_plan import create_add_on, create_plan
from catalog.queries import on_sale
from customers.commands.change import change
from customers.commands.create import create as create_customers
from customers.queries import by_handle, ids_of
from foundation import statistics
from foundation.tenancy import tenant
from kernel.errors import NotFound
from kernel.moments import add_months
from kernel.periods import Boundary, local_moment
from operations.commands.advance import advance
from operations.commands.work_off import wait_for_outcomes
from operations.domain.demo import PERCENT, Day, Merchant, story
from payments.commands.add_methods import NewMethod, add_methods
from payments.commands.collect import Patience, gateway_of
from payments.gateways.cards import card_of_test_token
from payments.gateways.port import StoredCard
from payments.gateways.registry import SIMULATED
from subscriptions import queries as subscriptions
from subscriptions.commands.cancel import cancel
from subscriptions.commands.create import create as create_subscriptions

HANDLE = "demo"
ACTOR = "demo"
MONTHS = 25
"""How many whole months lie before the present one: two years, and a month to look back on."""
CARD_THREADS = 8
PATIENCE = Patience(answer=timedelta(seconds=5), look_up=timedelta(seconds=1), callback_url=None)
"""The acquirer is simulated and next door, and the clock is ours: nobody gains by waiting."""


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where a merchant's story runs."""

    begin: date
    end: Boundary

    @classmethod
    def up_to(cls, now: datetime, zone: str, *, months: int = MONTHS) -> "Span":
        """Whole months, and the present one as far as it has come."""
        end = Boundary.at(now, zone)
        return cls(add_months(end.local.replace(day=1), -months).date(), end)

    @property
    def begin_at(self) -> datetime:
        """The first instant."""
        return local_moment(self.begin.isoformat(), self.end.zone).instant


OnDay = Callable[[UUID, datetime], None]


def build(
    merchant: Merchant,
    now: datetime,
    *,
    percent: int = PERCENT,
    months: int = MONTHS,
    on_day: OnDay | None = None,
) -> UUID:
    """Open the merchant's test account and live its story up to `now`; returns the account's id.

    An account that is there goes on where it was left, up to the instant at which it was opened:
    a build that was killed is repeated, and repeated once more it changes nothing. `on_day` is
    told the account and each moment that is lived now.
    """
    account_id = _found(merchant) or _opened(
        merchant, Span.up_to(now, merchant.zone, months=months)
    )
    with tenant(account_id) as account:
        span = Span.up_to(account.created_at, merchant.zone, months=months)
        _furnish(account, merchant)
    with ThreadPoolExecutor(CARD_THREADS, thread_name_prefix="cards") as pool:
        for day in story(merchant, span.begin, span.end, percent=percent):
            if not _is_lived(account_id, day):
                # What is due at this very moment is billed together with what the day brings.
                advance(account_id, day.at.instant, patience=PATIENCE, leaves_last=True)
                _live(account_id, day, pool)
                statistics.refresh()
                if on_day:
                    on_day(account_id, day.at.instant)
    if _clock(account_id) < span.end.instant:
        advance(account_id, span.end.instant, patience=PATIENCE)
    wait_for_outcomes(account_id, PATIENCE)
    return account_id


def _found(merchant: Merchant) -> UUID | None:
    try:
        return route_of(f"{merchant.subdomain}/{HANDLE}").account_id
    except NotFound:
        return None


def _opened(merchant: Merchant, span: Span) -> UUID:
    return open_organisation(
        name=merchant.name,
        subdomain=merchant.subdomain,
        first=NewAccount(
            handle=HANDLE, party=merchant.party, terms=merchant.terms, clock_at=span.begin_at
        ),
        now=span.end.instant,
    )


def _furnish(account: Account, merchant: Merchant) -> None:
    """The catalogue, all of it at once, unless it is there."""
    try:
        on_sale(account, merchant.offers[0].plan.handle)
    except NotFound:
        now = business_now(account)
        for offer in merchant.offers:
            create_plan(account=account, new=offer.plan, actor=ACTOR, now=now)
        for extra in merchant.extras:
            create_add_on(account=account, new=extra.add_on, actor=ACTOR, now=now)


def _is_lived(account_id: UUID, day: Day) -> bool:
    """A day is one transaction: with its first customer all of it is there."""
    with tenant(account_id) as account:
        try:
            by_handle(account, day.sign_ups[0].customer.handle)
        except NotFound:
            return False
        return True


def _clock(account_id: UUID) -> datetime:
    with tenant(account_id) as account:
        return business_now(account)


def _live(account_id: UUID, day: Day, pool: ThreadPoolExecutor) -> None:
    """The cards are stored at the acquirer before the transaction, as from a payment page."""
    tokens = [each.card for each in day.sign_ups] + [token for _, token in day.new_cards]
    cards = list(pool.map(_stored, tokens))
    with tenant(account_id) as account:
        now = business_now(account)
        _sign_up(account, day, cards, now)
        _bring_cards(account, day, cards[len(day.sign_ups) :], now)
        for handle, details in day.movers:
            customer_id = by_handle(account, handle).id
            change(account=account, customer_id=customer_id, details=details, now=now)
        for handle in day.leavers:
            subscription_id = subscriptions.by_handle(account, handle).id
            cancel(account=account, subscription_id=subscription_id, actor=handle, now=now)


def _stored(token: str | None) -> StoredCard | None:
    return gateway_of(SIMULATED).store_card(card_of_test_token(token)) if token else None


def _sign_up(account: Account, day: Day, cards: Sequence[StoredCard | None], now: datetime) -> None:
    new = [each.customer for each in day.sign_ups]
    ids = create_customers(account=account, customers=new, now=now)
    methods = [NewMethod(id_, card) for id_, card in zip(ids, cards, strict=False) if card]
    add_methods(account=account, methods=methods, now=now)
    create_subscriptions(
        account=account, subscriptions=[each.subscription for each in day.sign_ups], now=now
    )


def _bring_cards(
    account: Account, day: Day, cards: Sequence[StoredCard | None], now: datetime
) -> None:
    ids = ids_of(account, [handle for handle, _ in day.new_cards])
    methods = [
        NewMethod(ids[handle], card)
        for (handle, _), card in zip(day.new_cards, cards, strict=True)
        if card
    ]
    add_methods(account=account, methods=methods, now=now)
