"""Numbers without a gap and without a double, whoever races and whoever fails."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connections

from foundation import numbers
from foundation.tenancy import WrongTenant, tenant
from tests.factories import make_account
from tests.foundation.furnished import broken_off

JANUARY, MARCH = date(2026, 1, 31), date(2026, 3, 1)


@pytest.fixture
def account_id():
    return make_account()


def take(account_id, *, series="INV", count=1, on=JANUARY):
    with tenant(account_id) as account:
        return numbers.take(account, series, count=count, on=on)


def test_the_first_number_of_a_series_is_one_and_blocks_follow_each_other(account_id):
    blocks = [take(account_id, count=count) for count in (1, 500, 2)]
    assert [block.first for block in blocks] == [1, 2, 502]


def test_a_rollback_gives_the_numbers_back(account_id):
    take(account_id, count=3)
    with broken_off(account_id) as account:
        assert numbers.take(account, "INV", count=10, on=JANUARY).first == 4
    assert take(account_id).first == 4


def test_series_years_and_accounts_count_apart(account_id):
    take(account_id, count=7)
    assert take(account_id, series="CN").first == 1
    assert take(account_id, on=date(2027, 1, 1)).first == 1
    assert take(make_account()).first == 1
    assert take(account_id).first == 8


def test_a_block_is_dated_no_earlier_than_the_one_before_it(account_id):
    assert take(account_id, on=MARCH).issued_on == MARCH
    assert take(account_id, on=JANUARY) == numbers.NumberBlock(2, MARCH)
    assert take(account_id, on=date(2026, 3, 2)).issued_on == date(2026, 3, 2)


def test_an_earlier_year_keeps_its_own_dates(account_id):
    take(account_id, on=date(2027, 6, 1))
    assert take(account_id, on=JANUARY) == numbers.NumberBlock(1, JANUARY)


def test_six_racing_workers_with_random_failures_leave_neither_gap_nor_double(account_id):
    def work(seed):
        dice = random.Random(seed)
        kept: list[int] = []
        try:
            for _ in range(25):
                count, fails = dice.randint(1, 3), dice.random() < 0.3
                with (broken_off if fails else tenant)(account_id) as account:
                    block = numbers.take(account, "INV", count=count, on=JANUARY)
                kept += [] if fails else range(block.first, block.first + count)
        finally:
            connections.close_all()
        return kept

    with ThreadPoolExecutor(6) as threads:
        kept = sorted(number for part in threads.map(work, range(6)) for number in part)

    assert len(kept) > 100
    assert kept == list(range(1, len(kept) + 1))


@pytest.mark.parametrize("count", [0, -1])
def test_an_empty_or_backward_block_stops_the_work(account_id, count):
    with pytest.raises(AssertionError), tenant(account_id) as account:
        numbers.take(account, "INV", count=count, on=JANUARY)


def test_numbers_of_another_account_are_refused(account_id):
    with tenant(make_account()) as stranger:
        pass
    with tenant(account_id), pytest.raises(WrongTenant):
        numbers.take(stranger, "INV", count=1, on=JANUARY)
