"""Links that are the leave to see one thing: what they open, for how long, and what they tell."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.capabilities import Grant, hosted_address, mint, resolve, token_hash
from foundation.models import Capability, CapabilityRoute
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.ids import new_id
from tests.factories import make_account

NOW = wall_now()
DAY = timedelta(days=1)


def minted(account_id, *, purpose="invoice", subject=None):
    with tenant(account_id) as account:
        (token,) = mint(
            account=account,
            purpose=purpose,
            subjects=[("invoice", subject or new_id())],
            now=NOW,
            lifetime=DAY,
        )
    return token


def test_a_token_opens_its_thing_in_its_account():
    account_id, invoice_id = make_account(), new_id()
    token = minted(account_id, subject=invoice_id)

    assert resolve(token, purpose="invoice", now=NOW) == Grant(account_id, invoice_id)


def test_a_token_opens_nothing_from_its_end_on():
    token = minted(make_account())
    almost = NOW + DAY - timedelta(microseconds=1)

    assert resolve(token, purpose="invoice", now=almost)
    assert resolve(token, purpose="invoice", now=NOW + DAY) is None


@pytest.mark.parametrize("token", ["", "x", "a" * 10_000, "\x00", "\ud800", "ä"])
def test_what_is_no_token_opens_nothing(token):
    assert resolve(token, purpose="invoice", now=NOW) is None


def test_a_token_for_one_purpose_opens_nothing_for_another():
    assert resolve(minted(make_account(), purpose="portal"), purpose="invoice", now=NOW) is None


def test_a_token_has_128_random_bits_and_only_its_hash_is_kept():
    account_id = make_account()
    first, second = minted(account_id), minted(account_id)

    assert first != second
    assert len(first) == 22
    with tenant(account_id) as account:
        kept = set(Capability.objects.of(account).values_list("token_hash", flat=True))
    assert kept == {token_hash(first), token_hash(second)}
    assert CapabilityRoute.objects.filter(token_hash=token_hash(first)).count() == 1
    assert not CapabilityRoute.objects.filter(token_hash=first).exists()


def test_each_of_many_tokens_opens_its_own_thing():
    account_id, subjects = make_account(), [new_id() for _ in range(5)]
    with tenant(account_id) as account:
        tokens = mint(
            account=account,
            purpose="invoice",
            subjects=[("invoice", each) for each in subjects],
            now=NOW,
            lifetime=DAY,
        )

    found = [resolve(each, purpose="invoice", now=NOW) for each in tokens]

    assert found == [Grant(account_id, each) for each in subjects]


def test_unknown_expired_and_foreign_cost_the_same_work():
    account_id = make_account()
    token, foreign = minted(account_id), minted(account_id, purpose="portal")
    asked = [("unknown", NOW), (token, NOW + DAY), (foreign, NOW), (token, NOW)]

    works = []
    for each, now in asked:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            resolve(each, purpose="invoice", now=now)
        works.append([question["sql"].split("'")[0] for question in seen.captured_queries])

    assert works[0]
    assert all(work == works[0] for work in works)


def test_a_tokens_address_lies_under_the_public_one(settings):
    settings.PUBLIC_URL = "https://pay.example/"

    assert hosted_address("abc") == "https://pay.example/p/abc"
