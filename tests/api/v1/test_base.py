"""What every operation of the dialect gets from its base."""

import json
from typing import ClassVar

import pytest
from django.test import RequestFactory

from accounts.models import Account
from api.v1.base import View
from customers.commands.create import create
from customers.domain.details import NewCustomer
from foundation.models import IdempotentCall
from foundation.tenancy import WrongTenant, tenant
from foundation.wire.kinds import Boolean, Integer, ListOf, Text
from foundation.wire.shapes import Field, Shape, optional
from foundation.wire.views import operation
from kernel.errors import Refused
from tests.api.v1.test_errors import operations
from tests.wire_client import basic
from tests.witness import at_once, nothing_changes

BODY = Shape("Body", Field("handle", Text()), optional("key", Text()), optional("fail", Boolean()))
ASKED = Shape("Asked", optional("many", ListOf(Integer())), optional("yes", Boolean()))
MADE = Shape("Made", Field("handle", Text()), Field("number", Integer())).of_mapping()


class Once(View):
    """An operation that the caller may name, as none of the first resources has one."""

    calls = 0
    asked: ClassVar[dict[str, object]] = {}

    @operation("Make", MADE, body=BODY, query=ASKED, key_member="key")
    def post(self, call):
        Once.calls += 1
        new = NewCustomer(call.body["handle"])
        create(account=call.account, customers=[new], now=call.now)
        if call.body.get("fail"):
            raise Refused("broken", "It is broken.")
        return {"handle": call.body["handle"], "number": Once.calls}

    @operation("Ask", query=ASKED)
    def get(self, call):
        Once.asked = call.query

    @operation("Forget", MADE)
    def put(self, call):
        """An answer that breaks its own promise."""
        create(account=call.account, customers=[NewCustomer("lost")], now=call.now)
        return {"handle": None, "number": 1}

    @operation("Open doors", opens_doors=True)
    def delete(self, call):
        with pytest.raises(AssertionError, match="no door"):
            _ = call.account
        with tenant(call.account_id) as account:
            return {"timezone": account.timezone, "actor": call.actor}


def send(api, method="post", body=None, query=""):
    request = RequestFactory().generic(
        method.upper(),
        f"/v1/once{query}",
        json.dumps(body or {}),
        content_type="application/json",
        headers={"Authorization": basic(api.key)},
    )
    response = Once.as_view()(request)
    return response.status_code, json.loads(response.content)


def test_a_call_that_is_named_is_done_once_and_answered_the_same(api):
    first = send(api, body={"handle": "one", "key": "k"})

    with nothing_changes(api.account_id):
        again = send(api, body={"key": "k", "handle": "one"})

    assert again == first == (200, {"handle": "one", "number": first[1]["number"]})


def test_a_name_belongs_to_one_body_and_one_account(api, stranger):
    send(api, body={"handle": "one", "key": "k"})

    with nothing_changes(api.account_id):
        status, said = send(api, body={"handle": "two", "key": "k"})
    assert (status, said["code"]) == (400, 1)
    assert send(stranger, body={"handle": "two", "key": "k"})[0] == 200


def test_what_was_refused_is_not_kept(api):
    body = {"handle": "one", "key": "k"}
    with nothing_changes(api.account_id):
        assert send(api, body=body | {"fail": True})[0] == 400

    assert send(api, body=body)[0] == 200


def test_of_two_of_one_name_at_once_one_is_done(api):
    body = {"handle": "one", "key": "k"}

    first, second = at_once(*[lambda: send(api, body=body)] * 2)

    assert first == second
    assert first[0] == 200
    with tenant(api.account_id) as account:
        assert IdempotentCall.objects.of(account).count() == 1


def test_without_a_name_every_call_is_a_new_one(api):
    assert send(api, body={"handle": "one"})[0] == 200
    assert send(api, body={"handle": "one"})[1]["code"] == 11


def test_the_query_is_read_by_its_shape(api):
    send(api, "get", query="?many=1&many=2&yes=0&other=x")

    assert Once.asked == {"many": [1, 2], "yes": False}
    for wrong in ("?many=1&many=x", "?yes=2", "?yes=true&yes=true", "?yes=%00"):
        status, said = send(api, "get", query=wrong)
        assert (status, said["code"]) == (422, 1), wrong


def test_an_answer_that_breaks_its_promise_undoes_what_it_would_have_told(api):
    with nothing_changes(api.account_id):
        assert send(api, "put")[0] == 500


def test_an_operation_that_opens_doors_has_none_open(api):
    status, said = send(api, "delete")

    assert (status, said["timezone"]) == (200, "Europe/Berlin")
    assert said["actor"].startswith("api key priv_test_")
    assert api.key not in said["actor"]


def test_no_door_stays_open_behind_an_answer(api):
    for method in ("post", "get", "put", "delete"):
        send(api, method)

    with pytest.raises(WrongTenant):
        IdempotentCall.objects.of(Account(id=api.account_id))


def test_every_operation_says_what_it_does():
    said = list(operations())

    assert len(said) > 30
    assert not [each for each in said if not each.summary or each.summary.endswith(".")]
