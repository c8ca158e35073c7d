"""A named write is done once and answered the same for ever after."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connections

from customers.models import Customer
from foundation import idempotency
from foundation.idempotency import Call
from foundation.models import IdempotentCall
from foundation.tenancy import WrongTenant, tenant
from kernel.errors import Conflict, Invalid, Refused
from tests.factories import NOON, make_account, make_customers

BODY = {"handle": "anna", "amount": 1990}


@pytest.fixture
def account_id():
    return make_account()


def call(key="k1", operation="POST /customers", body=BODY):
    return Call(operation=operation, key=key, body=body)


def create(account_id, named, *, handle="anna", now=NOON, wait=lambda: None):
    """Make a customer under the caller's key; her handle is unique, so twice would fail."""
    with tenant(account_id) as account:

        def work():
            (id_,) = make_customers(account, handle)
            wait()
            return {"id": str(id_), "status": 201}

        return idempotency.once(account=account, call=named, work=work, now=now)


def customers(account_id) -> int:
    with tenant(account_id) as account:
        return Customer.objects.of(account).count()


def test_the_same_key_and_body_give_the_same_answer_and_do_the_work_once(account_id):
    first = create(account_id, call())
    again = create(account_id, call(body={"amount": 1990, "handle": "anna"}))
    assert again == first
    assert customers(account_id) == 1


@pytest.mark.parametrize(
    "body", [{}, BODY | {"amount": 1991}, BODY | {"amount": "1990"}, BODY | {"more": None}]
)
def test_the_same_key_with_another_body_is_refused_and_changes_nothing(account_id, body):
    create(account_id, call())
    with pytest.raises(Conflict, match="new key") as refusal:
        create(account_id, call(body=body), handle="ben")
    assert refusal.value.code == "idempotency_key_reused"
    assert customers(account_id) == 1


def test_another_operation_and_another_account_have_keys_of_their_own(account_id):
    create(account_id, call())
    create(account_id, call(operation="POST /plans"), handle="ben")
    create(make_account(), call())
    assert customers(account_id) == 2


def test_a_refusal_is_not_kept_and_the_key_is_free_again(account_id):
    def refuse():
        raise Refused("no", "No.")

    with pytest.raises(Refused):
        create(account_id, call(), wait=refuse)
    with tenant(account_id) as account:
        assert not IdempotentCall.objects.of(account).exists()
    assert create(account_id, call())["status"] == 201


def test_a_second_caller_at_the_same_time_waits_and_gets_the_first_ones_answer(account_id):
    inside, second_waits = Event(), Event()

    def first():
        def hold():
            inside.set()
            second_waits.wait(5)

        return create(account_id, call(), wait=hold)

    def second():
        inside.wait(5)
        second_waits.set()
        return create(account_id, call())

    assert both(first, second) == [create(account_id, call())] * 2
    assert customers(account_id) == 1


def test_a_second_caller_does_the_work_when_the_first_one_fails(account_id):
    inside = Event()

    def first():
        def fail():
            inside.set()
            raise Refused("no", "No.")

        with pytest.raises(Refused):
            create(account_id, call(), wait=fail)

    def second():
        inside.wait(5)
        return create(account_id, call())

    _, answer = both(first, second)
    assert answer["status"] == 201
    assert customers(account_id) == 1


def both(*works):
    def run(work):
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as threads:
        return [each.result() for each in [threads.submit(run, work) for work in works]]


def test_a_key_is_kept_for_seven_days_and_then_free(account_id):
    create(account_id, call())
    week = timedelta(days=7)
    assert create(account_id, call(), now=NOON + week)["status"] == 201
    assert customers(account_id) == 1
    create(account_id, call(), handle="ben", now=NOON + week + timedelta(seconds=1))
    assert customers(account_id) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00b", "a\nb"])
def test_a_key_that_cannot_be_kept_is_refused_with_a_sentence(key):
    with pytest.raises(Invalid, match="1 to 255") as refusal:
        call(key=key)
    assert refusal.value.field == "key"


def test_a_call_into_another_account_is_refused(account_id):
    with tenant(make_account()) as stranger:
        pass
    with tenant(account_id), pytest.raises(WrongTenant):
        idempotency.once(account=stranger, call=call(), work=dict, now=NOON)
