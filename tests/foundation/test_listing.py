"""Every list of the product, by the one machine that pages them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from accounts.models import Account
from catalog.listings import ADD_ONS, PLANS
from customers.listings import CUSTOMERS
from foundation.listing import Asked, Filter, Kind, Op, count, every, page
from foundation.tenancy import WrongTenant, tenant
from invoicing.listings import INVOICES
from kernel.errors import Invalid, NotFound
from ledger.listings import POSTINGS
from operations.listings import AUDIT, PARKED, PARKED_DISPATCHES
from payments.listings import ATTEMPTS, METHODS
from subscriptions.commands import drive
from subscriptions.listings import RUNS, SUBSCRIPTIONS
from tests.factories import (
    give_card,
    make_account,
    make_add_on,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)

LISTINGS = (
    CUSTOMERS,
    PLANS,
    ADD_ONS,
    SUBSCRIPTIONS,
    RUNS,
    INVOICES,
    METHODS,
    ATTEMPTS,
    POSTINGS,
    AUDIT,
    PARKED,
    PARKED_DISPATCHES,
)
HANDLES = [f"c{number}" for number in range(5)]
SAMPLES = {
    Kind.TEXT: "c1",
    Kind.STATE: "active",
    Kind.MONEY: 1990,
    Kind.NUMBER: 1,
    Kind.RATE: Decimal("0.19"),
    Kind.BOOL: False,
    Kind.DATE: date(2026, 2, 1),
    Kind.INSTANT: datetime(2026, 2, 1, tzinfo=UTC),
    Kind.ID: UUID(int=1),
}
WRONG = ["a\0b", "\ud800", "x" * 1001, 2**63, Decimal("NaN"), None, (), 1.5]
ATTRIBUTES = [(listing, each) for listing in LISTINGS for each in listing.attributes]
IDS = [f"{listing.name}-{each.name}" for listing, each in ATTRIBUTES]


@pytest.fixture(scope="module")
def account_id():
    """Five customers billed for two months; nobody changes it."""
    made = make_account()
    with tenant(made) as account:
        ids = make_customers(account, *HANDLES)
        make_plan(account)
        make_plan(account, "other", price=500)
        make_add_on(account, "extra")
        make_subscriptions(account, *HANDLES)
    for each in ids[:3]:
        give_card(made, each)
    for day in ("2026-02-01T00:00", "2026-03-01T00:00"):
        set_clock(made, day)
        drive.bill(made, batches=10)
    return made


@pytest.mark.parametrize(("listing", "attribute"), ATTRIBUTES, ids=IDS)
@pytest.mark.parametrize("descending", [True, False], ids=["down", "up"])
def test_pages_hold_every_row_once_and_in_order(account_id, listing, attribute, descending):
    asked = Asked(order_by=attribute.name, descending=descending, size=2)
    with tenant(account_id) as account:
        found = list(every(account, listing, asked))
        total = count(account, listing)

    values = [each[attribute.name] for each in found if each[attribute.name] is not None]
    assert len({each["id"] for each in found}) == len(found) == total
    assert values == sorted(values, reverse=descending)
    assert [each[attribute.name] for each in found][: len(values)] == values


@pytest.mark.parametrize(("listing", "attribute"), ATTRIBUTES, ids=IDS)
def test_an_attribute_can_be_filtered_by_every_comparison_of_its_kind(
    account_id, listing, attribute
):
    value = attribute.choices[0] if attribute.choices else SAMPLES[attribute.kind]
    with tenant(account_id) as account:
        all_rows = count(account, listing)
        is_it = count(account, listing, [Filter(attribute.name, Op.IS, value)])
        is_any = count(account, listing, [Filter(attribute.name, Op.ANY, (value,))])
        above = count(account, listing, [Filter(attribute.name, Op.ABOVE, value)])
        below = count(account, listing, [Filter(attribute.name, Op.BEFORE, value)])
        up_to = count(account, listing, [Filter(attribute.name, Op.TO, value)])
        unset = count(account, listing, [Filter(attribute.name, Op.EMPTY, True)])

    assert is_it == is_any
    assert above + below + is_it + unset == all_rows
    assert up_to == below + is_it


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize("op", [Op.IS, Op.FROM, Op.CONTAINS, Op.ANY], ids=str)
@pytest.mark.parametrize("name", ["handle", "state", "gross_minor", "issued_on", "created_at"])
def test_a_value_that_does_not_fit_is_refused(account_id, name, op, wrong):
    if (op, wrong) == (Op.ANY, ()):
        wrong = ("open", 3)
    value = (wrong,) if op is Op.ANY and not isinstance(wrong, tuple) else wrong
    with tenant(account_id) as account, pytest.raises(Invalid) as told:
        page(account, INVOICES, Asked(filters=(Filter(name, op, value),)))

    assert told.value.code == "invalid_filter"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "äöü",
        "bnVsbA",
        "WzEsMl0",
        "e30",
        "WyJhIiwiYiJd",
        "W251bGwsIjEiXQ",
        "WzEsNV0",
        "a" * 5000,
    ],
)
def test_a_place_that_this_list_never_gave_out_is_refused(account_id, cursor):
    with tenant(account_id) as account, pytest.raises(Invalid) as told:
        page(account, INVOICES, Asked(after=cursor))

    assert told.value.code == "invalid_page_token"


@pytest.mark.parametrize("size", [0, -1, 1001])
def test_a_page_has_at_least_one_row_and_at_most_a_thousand(account_id, size):
    with tenant(account_id) as account, pytest.raises(Invalid):
        page(account, INVOICES, Asked(size=size))


def test_what_a_list_cannot_show_is_not_found(account_id):
    with tenant(account_id) as account, pytest.raises(NotFound):
        page(account, INVOICES, Asked(order_by="password"))


def test_only_the_columns_that_were_asked_for_come_back(account_id):
    with tenant(account_id) as account:
        found = page(account, INVOICES, Asked(columns=("handle", "open_minor"), size=1))

    assert set(found.rows[0]) == {"handle", "open_minor", "id"}
    assert found.rows[0]["open_minor"] == 1990


def test_a_percent_sign_in_a_search_is_a_percent_sign(account_id):
    with tenant(account_id) as account:
        assert count(account, CUSTOMERS, [Filter("handle", Op.CONTAINS, "%")]) == 0
        assert count(account, CUSTOMERS, [Filter("handle", Op.CONTAINS, "C1")]) == 1
        assert count(account, CUSTOMERS, [Filter("handle", Op.PREFIX, "C1")]) == 0


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda each: each.name)
def test_a_list_shows_nothing_of_another_account(account_id, listing):
    other = make_account()
    first = listing.attributes[0].name
    with tenant(other) as account:
        found = list(every(account, listing, Asked(order_by=first)))
        foreign = Account(id=account_id)
        with pytest.raises(WrongTenant):
            page(foreign, listing, Asked(order_by=first))

    # Opening an account leaves a trace in its own audit log.
    assert len(found) == (1 if listing is AUDIT else 0)
