"""An operator adds people: a password once, a role in one account, nothing twice."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.commands.log_in import prove_identity
from accounts.models import User
from accounts.queries import places_of, routes
from kernel.clock import wall_now
from kernel.ids import new_id
from tests.factories import make_account


def add(email: str, account_id, role: str = "admin") -> str:
    said = io.StringIO()
    route = next(each for each in routes() if each.account_id == account_id)
    call_command("add_user", email, account=str(route), role=role, stdout=said)
    return said.getvalue()


@pytest.fixture
def email() -> str:
    return f"anna-{new_id().hex}@example.org"


def test_a_new_person_gets_a_password_that_is_shown_once_and_opens(email):
    account_id = make_account()
    said = add(email, account_id)
    password = said.partition("shown this once: ")[2].split()[0]

    user = prove_identity(email=email, password=password, address=email, now=wall_now())
    assert [(each.account_id, each.role) for each in places_of(user)] == [(account_id, "admin")]


def test_a_known_person_keeps_her_password_and_gets_another_place(email):
    first, second = make_account(), make_account()
    add(email, first)
    before = User.objects.get(email=email).password
    said = add(email, second)

    user = User.objects.get(email=email)
    assert "Password" not in said
    assert user.password == before
    assert {each.account_id for each in places_of(user)} == {first, second}


def test_the_last_administrator_cannot_be_made_less(email):
    account_id = make_account()
    add(email, account_id)

    with pytest.raises(CommandError, match="last administrator"):
        add(email, account_id, role="read_only")


def test_an_unknown_account_is_said(email):
    with pytest.raises(CommandError, match="no account"):
        call_command("add_user", email, account="nobody/nothing", stdout=io.StringIO())
