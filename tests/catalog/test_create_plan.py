"""Plans and add-ons: stored as they were meant, once per handle, or refused."""

from decimal import Decimal
from fractions import Fraction

import psycopg
import pytest

from catalog import queries
from catalog.domain.terms import NewAddOn, NewPlan, PartialPeriod, Trial
from catalog.models import AddOn, Plan, PlanVersion
from foundation.models import AuditRow
from foundation.tenancy import tenant
from kernel.errors import Conflict, Invalid, NotFound
from kernel.money import Money
from kernel.periods import Schedule, ScheduleKind, Unit
from tests.factories import NOON, make_account, make_add_on, make_plan
from tests.witness import at_once, refused

LARGEST = 2**63 - 1


def test_a_plan_is_on_sale_at_once_with_all_its_terms():
    account_id = make_account()

    with tenant(account_id) as account:
        plan = make_plan(
            account,
            "quarterly",
            price=LARGEST,
            currency="JPY",
            schedule=Schedule(
                ScheduleKind.MONTH_FIXEDDAY, 3, fixed_day=28, fixed_hour=23, base_month=1
            ),
            amount_incl_vat=False,
            vat=Fraction(81, 1000),
            quantity=7,
            partial_period=PartialPeriod.NO_BILL,
            prorates_days=False,
            minimum_prorated_minor=100,
            trial=Trial(Unit.MONTHS, 2, fixed_days=False),
        )

    with tenant(account_id) as account:
        version = queries.on_sale(account, "quarterly")
        values = PlanVersion.objects.of(account).values().get()
        assert values == {
            "created_at": NOON,
            "id": plan.version_id,
            "account_id": account_id,
            "plan_id": plan.id,
            "number": 1,
            "name": "Quarterly",
            "currency": "JPY",
            "amount_minor": LARGEST,
            "amount_incl_vat": False,
            "vat": Decimal("0.081000"),
            "quantity": 7,
            "schedule": "month_fixedday",
            "interval_length": 3,
            "fixed_day": 28,
            "fixed_hour": 23,
            "base_month": 1,
            "partial_period": "no_bill",
            "prorates_days": False,
            "minimum_prorated_minor": 100,
            "trial_unit": "months",
            "trial_length": 2,
            "fixed_trial_days": False,
        }
        assert version.id == plan.version_id
        audited = AuditRow.objects.of(account).get(act="plan.created")
        assert (audited.actor, audited.subject_kind, audited.subject_id) == (
            "test",
            "plan",
            plan.id,
        )


def test_a_plan_without_a_rate_of_its_own_leaves_the_rate_to_the_account():
    account_id = make_account()

    with tenant(account_id) as account:
        make_plan(account, vat=None)
        assert queries.on_sale(account, "plan").vat is None


def test_an_add_on_is_ready_to_be_attached():
    account_id = make_account()

    with tenant(account_id) as account:
        make_add_on(account, "seat", price=0, currency="CHF", vat=Fraction(1, 1000))

    with tenant(account_id) as account:
        seat = queries.add_ons(account, ["seat"])["seat"]
        assert (seat.amount_minor, seat.currency, seat.vat) == (0, "CHF", Decimal("0.001"))


@pytest.mark.parametrize("make", [make_plan, make_add_on])
def test_a_handle_in_use_is_refused(make):
    account_id = make_account()
    with tenant(account_id) as account:
        make(account, "taken")

    with refused(account_id, Conflict, "handle_taken"), tenant(account_id) as account:
        make(account, "taken", price=1)


@pytest.mark.parametrize(("make", "model"), [(make_plan, Plan), (make_add_on, AddOn)])
def test_of_two_who_take_one_handle_at_once_the_second_is_refused_in_words(make, model):
    account_id = make_account()

    def take():
        with tenant(account_id) as account:
            make(account, "wanted")

    refusals = [each for each in at_once(take, take) if each is not None]

    assert [type(each) for each in refusals] == [Conflict]
    with tenant(account_id) as account:
        assert model.objects.of(account).count() == 1
        assert AuditRow.objects.of(account).filter(act__endswith=".created").count() == 1


def test_a_plan_of_another_account_is_as_unknown_as_none():
    one, other = make_account(), make_account()
    with tenant(one) as account:
        make_plan(account, "theirs")
        make_add_on(account, "theirs")

    with tenant(other) as account:
        for handle in ("theirs", "nothing"):
            with pytest.raises(NotFound, match=f'There is no plan "{handle}"'):
                queries.on_sale(account, handle)
            with pytest.raises(NotFound, match=f'There is no add on "{handle}"'):
                queries.add_ons(account, [handle])


def test_what_can_be_no_handle_is_refused_where_it_is_sought():
    account_id = make_account()

    with refused(account_id, Invalid, "invalid_handle"), tenant(account_id) as account:
        queries.on_sale(account, "a\x00")


EUR = Money(100, "EUR")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"handle": "with space"}, "invalid_handle"),
        ({"handle": "a\x00"}, "invalid_handle"),
        ({"name": "a\x00"}, "invalid_text"),
        ({"name": "\udc00"}, "invalid_text"),
        ({"name": "n" * 256}, "text_too_long"),
        ({"name": ""}, "name_missing"),
        ({"name": "   "}, "name_missing"),
        ({"price": Money(-1, "EUR")}, "invalid_amount"),
        ({"vat": Fraction(1)}, "invalid_rate"),
        ({"vat": Fraction(-1, 100)}, "invalid_rate"),
        ({"vat": Fraction(1, 3)}, "invalid_rate"),
        ({"vat": Fraction(1, 10**7)}, "invalid_rate"),
    ],
)
@pytest.mark.parametrize("kind", [NewPlan, NewAddOn])
def test_what_can_be_neither_plan_nor_add_on_is_refused(kind, wrong, code):
    with pytest.raises(Invalid) as refusal:
        kind(**{"handle": "h", "name": "Name", "price": EUR} | wrong)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"quantity": 0}, "invalid_quantity"),
        ({"quantity": 1_000_001}, "invalid_quantity"),
        ({"minimum_prorated_minor": -1}, "invalid_amount"),
        ({"minimum_prorated_minor": 2**63}, "amount_out_of_range"),
    ],
)
def test_what_can_be_no_plan_is_refused(wrong, code):
    with pytest.raises(Invalid) as refusal:
        NewPlan(**{"handle": "h", "name": "Name", "price": EUR} | wrong)
    assert refusal.value.code == code


@pytest.mark.parametrize("length", [0, -1, 12_001])
def test_a_trial_has_a_length_that_can_be(length):
    with pytest.raises(Invalid, match="1 to 12000"):
        Trial(Unit.DAYS, length)


def test_a_version_refuses_every_change_even_from_the_owner_of_the_table(owner):
    account_id = make_account()
    with tenant(account_id) as account:
        make_plan(account)

    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("UPDATE catalog_planversion SET amount_minor = 1")
    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("DELETE FROM catalog_planversion")
