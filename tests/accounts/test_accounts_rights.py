"""Who may do what: one table, and nothing for whoever is not in it."""

import pytest

from accounts.domain.rights import RIGHTS, Right, may, rights_of
from accounts.models import Membership


def test_every_role_stands_in_the_table():
    assert set(RIGHTS) == set(Membership.Role.values)


@pytest.mark.parametrize("role", Membership.Role.values)
def test_everybody_may_look_and_only_the_administrator_manages_people_and_settings(role):
    assert may(role, Right.SEE)
    assert may(role, Right.MANAGE_PEOPLE) == (role == "admin")
    assert may(role, Right.CHANGE_SETTINGS) == (role == "admin")


def test_who_only_reads_changes_nothing():
    assert rights_of("read_only") == {Right.SEE, Right.EXPORT}


@pytest.mark.parametrize("role", ["developer", "read_only", "operations"])
def test_money_is_moved_by_finance_and_administrators_alone(role):
    assert not may(role, Right.MOVE_MONEY)
    assert may("finance", Right.MOVE_MONEY)


@pytest.mark.parametrize("role", ["", "owner", "ADMIN"])
def test_an_unknown_role_may_do_nothing(role):
    assert rights_of(role) == frozenset()
