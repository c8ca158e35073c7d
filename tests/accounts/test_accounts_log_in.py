"""Proving who somebody is: one answer for all that is wrong, and a delay that grows."""

from datetime import timedelta
from itertools import count

import pytest
from django.conf import settings
from django.contrib.auth.hashers import get_hashers_by_algorithm

from accounts.commands.log_in import PASSWORD_MIN, prove_identity, set_password
from accounts.commands.people import add_user
from accounts.domain.throttle import LONGEST, WITH_ONE_ADDRESS, WITH_ONE_PERSON
from accounts.models import LoginThrottle, User
from kernel.errors import Invalid, Refused
from kernel.ids import new_id
from tests.factories import NOON

PASSWORD = "a long enough password"
addresses = (f"2001:db8::{n:x}" for n in count(1))


@pytest.fixture
def anna() -> User:
    user_id = add_user(email=f"anna-{new_id().hex}@example.org", name="Anna", now=NOON)
    user = User.objects.get(id=user_id)
    set_password(user=user, password=PASSWORD)
    return user


def try_once(email, password=PASSWORD, *, address=None, now=NOON):
    address = address or next(addresses)
    return prove_identity(email=email, password=password, address=address, now=now)


def refusal(*args, **named) -> str:
    with pytest.raises(Refused) as refused:
        try_once(*args, **named)
    return refused.value.sentence


def test_the_right_password_proves_the_person_in_any_spelling_of_the_address(anna):
    assert try_once(f" {anna.email.upper()} ") == anna


def test_a_wrong_password_a_stranger_and_a_person_without_one_get_the_same_answer(anna):
    silent = User.objects.get(id=add_user(email=f"{new_id().hex}@x.org", name="", now=NOON))
    answers = {
        refusal(anna.email, "wrong password"),
        refusal("nobody@example.org"),
        refusal(silent.email, ""),
        refusal(silent.email, silent.password),
        refusal("", ""),
        refusal(anna.email, "x" * 1000),
    }

    assert len(answers) == 1


def test_a_person_who_is_not_active_any_more_is_a_stranger(anna):
    User.objects.filter(id=anna.id).update(is_active=False)

    refusal(anna.email)


def test_after_five_failures_even_the_right_password_waits_and_then_opens(anna):
    for _ in range(WITH_ONE_PERSON.free):
        refusal(anna.email, "wrong password")

    refusal(anna.email, now=NOON + timedelta(seconds=29))
    assert try_once(anna.email, now=NOON + timedelta(seconds=31)) == anna


def test_a_stranger_is_locked_in_the_same_way():
    email = f"{new_id().hex}@example.org"
    for _ in range(WITH_ONE_PERSON.free):
        refusal(email)
    before = locks()

    refusal(email)
    assert locks() == before


def locks() -> set[tuple[str, int]]:
    rows = LoginThrottle.objects.exclude(failures__lt=WITH_ONE_PERSON.free)
    return set(rows.values_list("digest", "failures"))


def test_each_further_failure_locks_twice_as_long_up_to_an_hour():
    locked = [WITH_ONE_PERSON.lock_after(n).total_seconds() for n in range(3, 14)]

    assert locked == [0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert WITH_ONE_PERSON.lock_after(10**6) == LONGEST


def test_the_right_password_forgives_what_was_before(anna):
    for _ in range(WITH_ONE_PERSON.free - 1):
        refusal(anna.email, "wrong password")
    try_once(anna.email)
    for _ in range(WITH_ONE_PERSON.free - 1):
        refusal(anna.email, "wrong password")

    assert try_once(anna.email) == anna


def test_failures_of_yesterday_are_forgotten(anna):
    for _ in range(WITH_ONE_PERSON.free - 1):
        refusal(anna.email, "wrong password")
    later = NOON + timedelta(hours=25)
    refusal(anna.email, "wrong password", now=later)

    assert try_once(anna.email, now=later) == anna


def test_one_address_that_tries_many_people_is_locked(anna):
    address = next(addresses)
    for _ in range(WITH_ONE_ADDRESS.free):
        refusal(f"{new_id().hex}@example.org", address=address)

    refusal(anna.email, address=address)
    assert try_once(anna.email) == anna


def test_the_throttle_keeps_no_address_in_the_clear(anna):
    refusal(anna.email, "wrong password", address="203.0.113.9")

    kept = str(list(LoginThrottle.objects.values()))
    assert anna.email not in kept
    assert "203.0.113.9" not in kept


@pytest.mark.parametrize("password", ["", "short", "x" * (PASSWORD_MIN - 1), "x" * 257, "\0" * 20])
def test_a_password_that_is_too_short_or_too_long_is_refused(anna, password):
    with pytest.raises(Invalid):
        set_password(user=anna, password=password)

    assert try_once(anna.email) == anna


def test_passwords_are_kept_as_argon2():
    """Tests themselves use a fast one; the product's own settings name the strong one alone."""
    text = (settings.BASE / "billing_platform" / "settings" / "__init__.py").read_text()

    assert 'PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]' in text
    assert "argon2" not in get_hashers_by_algorithm()


def test_what_is_forgotten_is_not_kept(anna):
    refusal("nobody@example.org", address="203.0.113.77")
    try_once(anna.email, now=NOON + timedelta(days=3))

    assert not LoginThrottle.objects.filter(failed_at__lt=NOON + timedelta(days=2)).exists()
