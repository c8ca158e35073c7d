"""The demo world as a story: always the same, lived on few days, and nobody's."""

from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest
from stdnum.de import vat

from kernel.periods import Boundary, local_moment
from operations.domain.demo import story
from operations.domain.demo_merchants import LYNGKASSEN, MERCHANTS, ZETTELFALKE
from operations.domain.demo_names import Dice, plain
from operations.domain.demo_people import BOTH, PEOPLE, password

BEGIN = date(2024, 10, 1)
END = local_moment("2026-11-21T12:00", "Europe/Berlin").local
RESERVED = (".example", ".test")


@cache
def days_of(merchant, percent=100):
    return story(merchant, BEGIN, Boundary(END, merchant.zone), percent=percent)


def sign_ups_of(merchant, percent=100):
    return [each for day in days_of(merchant, percent) for each in day.sign_ups]


@pytest.mark.parametrize("merchant", MERCHANTS, ids=lambda each: each.subdomain)
class TestStory:
    def test_told_again_it_is_the_same(self, merchant):
        again = story(merchant, BEGIN, Boundary(END, merchant.zone))
        assert again == days_of(merchant)

    def test_its_days_follow_each_other_to_the_end_and_each_has_a_sign_up(self, merchant):
        days = days_of(merchant)

        moments = [each.at.local for each in days]
        assert moments == sorted(set(moments))
        assert moments[0].date() >= BEGIN
        assert moments[-1] < END
        assert all(each.sign_ups for each in days)

    def test_nobody_leaves_moves_or_brings_a_card_before_they_came(self, merchant):
        known: set[str] = set()
        gone: set[str] = set()
        for day in days_of(merchant):
            acting = [*day.leavers, *(each[0] for each in (*day.new_cards, *day.movers))]
            assert set(acting) <= known
            known |= {each.customer.handle for each in day.sign_ups}
            assert not gone & set(day.leavers)
            gone |= set(day.leavers)

    def test_every_customer_has_a_handle_of_their_own(self, merchant):
        handles = [each.customer.handle for each in sign_ups_of(merchant)]

        assert len(handles) == len(set(handles))

    def test_no_mail_can_reach_anybody(self, merchant):
        details = [each.customer.details for each in sign_ups_of(merchant)]

        assert all(each.email.endswith(RESERVED) for each in details)
        assert merchant.party.email.endswith(RESERVED)

    def test_a_part_of_it_has_fewer_subscribers(self, merchant):
        assert len(sign_ups_of(merchant, 10)) < len(sign_ups_of(merchant)) // 5

    def test_all_its_plans_are_sold_and_all_sorts_of_cards_given(self, merchant):
        found = sign_ups_of(merchant)

        plans = Counter(each.subscription.plan for each in found)
        assert plans.keys() == {each.plan.handle for each in merchant.offers}
        codes = {each.card.split("_")[4] for each in found if each.card}
        assert codes == {"100", "101", "102", "200", "201", "202", "302", "123"}
        assert any(each.card is None for each in found)


def test_both_together_have_some_thousand_subscribers():
    assert 2000 <= sum(len(sign_ups_of(each)) for each in MERCHANTS) <= 3000


def test_a_trial_of_a_fortnight_ends_on_a_day_on_which_the_shop_is_open():
    """So that the account's clock need not stop for it."""
    moments = {each.at.local for each in days_of(ZETTELFALKE)}

    for day in days_of(ZETTELFALKE):
        ends = day.at.local + timedelta(days=14)
        assert ends in moments or ends >= END


def test_boxes_are_sent_on_the_first_and_the_fifteenth():
    starts = {each.subscription.start.local for each in sign_ups_of(LYNGKASSEN)}

    assert {each.day for each in starts} == {1, 15}
    assert {(each.hour, each.minute) for each in starts} == {(0, 0)}


def test_no_vat_id_can_be_anybodys():
    ids = [each.customer.details.vat_id for each in sign_ups_of(ZETTELFALKE)]

    assert len([each for each in ids if each]) > 500
    assert not any(vat.is_valid(each) for each in ids)


def test_dice_fall_the_same_for_one_purpose_and_fairly_for_many():
    assert Dice("a").below("x", 1000) == Dice("a").below("x", 1000)
    thrown = Counter(Dice("a").below(f"{n}", 4) for n in range(4000))
    assert set(thrown) == {0, 1, 2, 3}
    assert all(900 < each < 1100 for each in thrown.values())


def test_a_name_in_an_address_has_letters_that_every_address_may_have():
    assert plain("Kaffeerösterei Søbæk") == "kaffeeroesterei-soebaek"


def test_the_password_hangs_on_the_installations_secret_alone():
    assert password("one secret") == password("one secret")
    assert password("one secret") != password("another")
    assert len(password("one secret")) == 19


def test_one_person_is_at_home_in_both_organisations():
    assert tuple(each.subdomain for each in MERCHANTS) == BOTH
    assert [each.email for each in PEOPLE if each.organisations == BOTH] == ["alex@kontor.example"]
