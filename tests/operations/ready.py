"""An account with customers, cards and monthly subscriptions, about to be billed."""

from datetime import timedelta

from foundation.tenancy import tenant
from kernel.periods import local_moment
from payments.commands.collect import Patience
from subscriptions import queries
from subscriptions.commands.runs import sheet_of
from tests.factories import (
    GOOD_CARD,
    NOON,
    give_card,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
)

ZONE = "Europe/Berlin"
HASTE = Patience(timedelta(seconds=1), timedelta(seconds=1), callback_url=None)


def ready_account(*handles, price=1990, start="2026-02-01", card=GOOD_CARD, clock=True):
    """The account's id; each customer pays by `card`, or has none when it is nothing."""
    account_id = make_account(clock_at=NOON if clock else None)
    with tenant(account_id) as account:
        ids = make_customers(account, *handles)
        make_plan(account, price=price)
        make_subscriptions(account, *handles, start=start)
    for customer_id in ids if card else ():
        give_card(account_id, customer_id, token=card)
    return account_id


def instant(text):
    return local_moment(text, ZONE).instant


def clock_of(account_id):
    with tenant(account_id) as account:
        return account.clock_at


def runs_of(account_id):
    """The account's runs, oldest first."""
    with tenant(account_id) as account:
        return list(reversed(queries.runs(account, 100)))


def books_of(account_id, currency="EUR"):
    """The same as of now: what came in after a run was closed stands here as settled."""
    with tenant(account_id) as account:
        found = reversed(queries.runs(account, 100))
        sheets = [sheet_of(account, each.id) for each in found]
    assert all(each.is_even for each in sheets), sheets
    return [each.columns[currency] for each in sheets]


def sheets_of(account_id, currency="EUR"):
    """The currency's column of each run's sheet, oldest run first."""
    return [each.sheet["currencies"][currency] for each in runs_of(account_id)]
