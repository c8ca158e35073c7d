"""The demo world as a story: who signs up on which day, pays how, moves house, leaves.

Nothing is done here. All dice are thrown by name, so a story told again is the same story: a
build that was killed goes on with it where it stopped.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import NamedTuple

from accounts.domain.details import Party, Terms
from catalog.domain.terms import NewAddOn, NewPlan
from customers.domain.details import Details, NewCustomer
from kernel.moments import add_months
from kernel.money import Money
from kernel.periods import Boundary
from operations.domain.demo_names import Dice, Naming
from subscriptions.domain.start import NewAddOnUse, NewSubscription

PERCENT = 100
WEEK, RECENT_WEEKS = 7, 44
MONTH = timedelta(days=30)

GOOD = "123"
CODES = (
    (1, "100"),
    (2, "101"),
    (5, "102"),
    (6, "200"),
    (8, "201"),
    (11, "202"),
    (13, "302"),
)
"""Of a hundred cards up to the first number get the code with the second: expired, declined and
without funds at the first payment, the same at the second, without funds half of the time."""
FAILS_SECOND = frozenset({"200", "201", "202"})
RENEWED_PERCENT, LATE_CARD_PERCENT = 70, 60
"""How many bring a new card after a failure; how many a first one long after their beginning."""
MOVED_PERCENT = 8


class Offer(NamedTuple):
    """A plan with how many of a hundred sign-ups take it, in which sizes; sold from and to a
    percentage of the story's length."""

    plan: NewPlan
    share: int
    sizes: tuple[int, ...] = (1,)
    sold: tuple[int, int] = (0, PERCENT)


class Extra(NamedTuple):
    """An add-on, and how many of a hundred subscriptions have it in which sizes."""

    add_on: NewAddOn
    share: int
    sizes: tuple[int, ...] = (1,)


class Habits(NamedTuple):
    """Of a hundred: who leave in a month, who leave within their trial, who give no card."""

    leaving: int
    trying_only: int
    without_card: int


class Slip(NamedTuple):
    """Someone's slip of the keyboard: a subscription too large to be billed, so many days before
    the end of the story."""

    handle: str
    details: Details
    plan: str
    quantity: int
    price: Money
    days_before_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """An organisation of the demo world.

    Its shop hands over new customers once a week, by turns at one of `opens`: a weekday, Monday
    is 0, and a time. Their subscriptions start on the next of `ships_on` of a month, or at once.
    """

    name: str
    subdomain: str
    party: Party
    terms: Terms
    offers: tuple[Offer, ...]
    extras: tuple[Extra, ...]
    habits: Habits
    opens: tuple[tuple[int, time], ...]
    a_week: tuple[int, int]
    numbers: tuple[str, ...]
    handles: str
    naming: Naming
    ships_on: tuple[int, ...] = ()
    slips: tuple[Slip, ...] = ()

    @property
    def zone(self) -> str:
        """Where its clock hangs."""
        return self.terms.timezone


class SignUp(NamedTuple):
    """A new customer with the subscription and the card's test token, if they give one."""

    customer: NewCustomer
    subscription: NewSubscription
    card: str | None


@dataclass(slots=True)
class Day:
    """What happens at one moment, in this order; `movers` change their address."""

    at: Boundary
    sign_ups: list[SignUp] = field(default_factory=list)
    leavers: list[str] = field(default_factory=list)
    new_cards: list[tuple[str, str]] = field(default_factory=list)
    movers: list[tuple[str, Details]] = field(default_factory=list)


def story(merchant: Merchant, begin: date, end: Boundary, *, percent: int = PERCENT) -> list[Day]:
    """Every day on which something happens, in order, up to `end`; each has a sign-up.

    `percent` of the full number of subscribers takes part.
    """
    days = list(_open_days(merchant, begin, end))
    numbers = count(1)
    for place, day in enumerate(days):
        progress = (day.at.on - begin).days * PERCENT // (end.on - begin).days
        for _ in range(_joining(merchant, days, place, progress) * percent // PERCENT or 1):
            _Life(merchant, next(numbers), progress, days[place:]).tell()
    for slip in merchant.slips:
        wanted = end.on - timedelta(days=slip.days_before_end)
        day = next((each for each in days if each.at.on >= wanted), days[-1])
        day.sign_ups.append(_slipped(slip, day.at))
    return days


def _open_days(merchant: Merchant, begin: date, end: Boundary) -> Iterator[Day]:
    """Once a week; long ago, when fewer came, every other week."""
    length = (end.on - begin).days
    for number in range(length + 1):
        on, week = begin + timedelta(days=number), number // WEEK
        weekday, opens = merchant.opens[week % len(merchant.opens)]
        at = Boundary(datetime.combine(on, opens), merchant.zone)
        is_open = week % 2 == 0 or length - number < RECENT_WEEKS * WEEK
        if is_open and on.weekday() == weekday and at.local < end.local:
            yield Day(at)


def _joining(merchant: Merchant, days: Sequence[Day], place: int, progress: int) -> int:
    """How many since the last time: a week's number grows with the story, and swings."""
    low, high = merchant.a_week
    since = days[place].at.on - days[max(0, place - 1)].at.on
    weeks = 2 if since.days >= 2 * WEEK else 1
    a_week = low * PERCENT + (high - low) * progress
    swing = Dice(merchant.handles).between(f"joining {place}", 60, 140)
    return a_week * weeks * swing // (PERCENT * PERCENT)


class _Life:
    """A subscriber's life on the days from their sign-up on."""

    def __init__(self, merchant: Merchant, number: int, progress: int, days: Sequence[Day]) -> None:
        self.merchant, self.days = merchant, days
        self.at = days[0].at
        self.handle = f"{merchant.handles}-{10_000 + number}"
        self.dice = Dice(self.handle)
        self.offer = self._offer(progress)

    def tell(self) -> None:
        """Put its events onto the days."""
        details = self.merchant.naming(self.dice)
        code = self._code()
        card = self._token(code, "first") if code else None
        self.days[0].sign_ups.append(
            SignUp(NewCustomer(self.handle, details), self._subscription(), card)
        )
        leaves = self._leaves_after()
        self._on(leaves, lambda day: day.leavers.append(self.handle))
        renewed = self._new_card_after(code)
        if renewed is not None:
            token = self._token(GOOD, "second")
            self._on(renewed, lambda day: day.new_cards.append((self.handle, token)))
        if self.dice.falls("moving", MOVED_PERCENT):
            elsewhere = self.merchant.naming(Dice(f"{self.handle} elsewhere"))
            moved = replace(
                details,
                address=elsewhere.address,
                postal_code=elsewhere.postal_code,
                city=elsewhere.city,
            )
            when = self.dice.between("moving when", 60, 500)
            self._on(when, lambda day: day.movers.append((self.handle, moved)))

    def _on(self, days: int, happens: Callable[[Day], None]) -> None:
        wanted = self.at.on + timedelta(days=days)
        found = next((each for each in self.days[1:] if each.at.on >= wanted), None)
        if found is not None:
            happens(found)

    def _offer(self, progress: int) -> Offer:
        sold = [each for each in self.merchant.offers if each.sold[0] <= progress < each.sold[1]]
        thrown = self.dice.below("offer", sum(each.share for each in sold))
        for each in sold:
            thrown -= each.share
            if thrown < 0:
                return each
        return sold[-1]

    def _subscription(self) -> NewSubscription:
        uses = [
            NewAddOnUse(
                each.add_on.handle, self.dice.pick(f"{each.add_on.handle} size", each.sizes)
            )
            for each in self.merchant.extras
            if self.dice.falls(each.add_on.handle, each.share)
        ]
        return NewSubscription(
            handle=self.handle,
            customer=self.handle,
            plan=self.offer.plan.handle,
            start=self._start(),
            quantity=self.dice.pick("size", self.offer.sizes),
            add_ons=tuple(uses),
        )

    def _start(self) -> Boundary:
        if not self.merchant.ships_on:
            return self.at
        return next(
            Boundary(datetime.combine(on, time()), self.at.zone)
            for ahead in count(1)
            if (on := self.at.on + timedelta(days=ahead)).day in self.merchant.ships_on
        )

    def _leaves_after(self) -> int:
        """Days from the sign-up; beyond the end of the story for those who stay."""
        habits = self.merchant.habits
        if self.offer.plan.trial and self.dice.falls("trying only", habits.trying_only):
            return self.dice.between("trying how long", 5, 12)
        for month in count(1):
            if self.dice.falls(f"leaving {month}", habits.leaving) or month > 60:
                return MONTH.days * month + self.dice.between("leaving day", 0, 27)
        raise AssertionError("unreachable: nobody stays for ever")

    def _code(self) -> str | None:
        if self.dice.falls("without card", self.merchant.habits.without_card):
            return None
        thrown = self.dice.below("card", PERCENT)
        return next((code for upto, code in CODES if thrown < upto), GOOD)

    def _new_card_after(self, code: str | None) -> int | None:
        """Days from the sign-up to a card that pays what is owed; nothing if there is none."""
        if code is None:
            is_given = self.dice.falls("late card at all", LATE_CARD_PERCENT)
            return self.dice.between("late card", 25, 90) if is_given else None
        if code in {GOOD, "302"} or not self.dice.falls("new card", RENEWED_PERCENT):
            return None
        return self.dice.between("new card when", 20, 45) + (MONTH.days * (code in FAILS_SECOND))

    def _token(self, code: str, which: str) -> str:
        number = self.dice.pick(f"{which} number", self.merchant.numbers)
        expiry = f"{self.dice.between(f'{which} month', 1, 12):02}"
        year = self.dice.between(f"{which} year", 31, 36)
        return f"ct_test_{number}_{expiry}{year}_{code}_{self.handle}.{which}"


def _slipped(slip: Slip, at: Boundary) -> SignUp:
    start = at.moved(add_months(at.local.replace(day=1, hour=0, minute=0), 1))
    subscription = NewSubscription(
        handle=slip.handle,
        customer=slip.handle,
        plan=slip.plan,
        start=start,
        quantity=slip.quantity,
        price=slip.price,
        price_incl_vat=False,
        has_trial=False,
    )
    return SignUp(NewCustomer(slip.handle, slip.details), subscription, None)
