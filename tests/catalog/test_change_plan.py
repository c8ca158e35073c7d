"""What a plan says changes by versions; what was sold stays."""

from dataclasses import replace

import pytest

from catalog import queries
from catalog.commands.change_plan import change_plan
from catalog.commands.delete_plan import delete_plan, undelete_plan
from catalog.commands.metadata import keep_metadata
from catalog.models import PlanVersion
from foundation.tenancy import tenant
from kernel.errors import NotFound, Refused
from kernel.ids import new_id
from kernel.money import Money
from tests.factories import NOON, make_account, make_plan
from tests.witness import at_once, nothing_changes, refused


@pytest.fixture
def account_id():
    made = make_account()
    with tenant(made) as account:
        make_plan(account, price=990)
    return made


def change(account_id, **terms):
    with tenant(account_id) as account:
        now = queries.terms_now(account, queries.plan(account, "plan"))
        return change_plan(account=account, terms=replace(now, **terms), actor="test", now=NOON)


def versions(account_id):
    with tenant(account_id) as account:
        found = PlanVersion.objects.of(account).order_by("number")
        return list(found.values_list("number", "name", "amount_minor"))


def test_another_price_is_the_next_version_and_the_one_before_stays(account_id):
    change(account_id, price=Money(1490, "EUR"), name="Neu")

    assert versions(account_id) == [(1, "Plan", 990), (2, "Neu", 1490)]
    with tenant(account_id) as account:
        assert queries.on_sale(account, "plan").amount_minor == 1490


def test_the_same_again_changes_nothing(account_id):
    change(account_id, price=Money(1490, "EUR"))

    with nothing_changes(account_id):
        change(account_id, price=Money(1490, "EUR"))


def test_a_description_is_of_the_plan_and_makes_no_version(account_id):
    plan = change(account_id, description="Gut.")

    assert (plan.description, len(versions(account_id))) == ("Gut.", 1)


def test_the_currency_stays(account_id):
    with refused(account_id, Refused, "plan_currency_fixed"):
        change(account_id, price=Money(990, "DKK"))


def test_changes_made_at_once_follow_one_another(account_id):
    outcomes = at_once(
        *[lambda price=price: change(account_id, price=Money(price, "EUR")) for price in (1, 2, 3)]
    )

    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert [number for number, *_ in versions(account_id)] == [1, 2, 3, 4]


def test_a_deleted_plan_is_neither_sold_nor_changed_until_it_is_put_back(account_id):
    def act(command):
        with tenant(account_id) as account:
            command(account=account, handle="plan", actor="test", now=NOON)

    with refused(account_id, NotFound, "plan_not_found"):
        act(undelete_plan)
    act(delete_plan)
    with tenant(account_id) as account, pytest.raises(NotFound):
        queries.on_sale(account, "plan")
    for again in (lambda: act(delete_plan), lambda: change(account_id, name="x")):
        with refused(account_id, NotFound, "plan_not_found"):
            again()
    act(undelete_plan)
    with tenant(account_id) as account:
        assert queries.plan(account, "plan").deleted_at is None
        assert queries.on_sale(account, "plan").number == 1


def test_what_a_plan_says_now_can_be_said_again(account_id):
    """Reading the terms and putting them back changes nothing, whatever they are."""
    with tenant(account_id) as account:
        make_plan(account, "other", description="Gut.", metadata={"a": 1}, vat=None)
        for handle in ("plan", "other"):
            terms = queries.terms_now(account, queries.plan(account, handle))
            change_plan(account=account, terms=terms, actor="test", now=NOON)

        assert PlanVersion.objects.of(account).count() == 2


def test_metadata_take_the_place_of_those_before(account_id):
    with tenant(account_id) as account:
        plan = queries.plan(account, "plan")
        keep_metadata(account=account, plan_id=plan.id, metadata={"a": 1})
    with tenant(account_id) as account:
        assert queries.plan(account, "plan").metadata == {"a": 1}
    with refused(account_id, NotFound, "plan_not_found"), tenant(account_id) as account:
        keep_metadata(account=account, plan_id=new_id(), metadata={})
