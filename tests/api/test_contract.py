"""The judge of answers sees what it is there to see, and the contract's data holds together."""

from decimal import Decimal

import pytest

from api.contract import Member, member, models, operation_at, operations
from tests.wire_contract import KINDS, faults_of_answer, faults_of_error

AT = "2026-02-01T09:30:00.000+0000"
PLAN = {
    "name": "Gold",
    "amount": 1990,
    "handle": "gold",
    "version": 1,
    "state": "active",
    "currency": "EUR",
    "created": AT,
    "schedule_type": "month_startdate",
    "vat": Decimal("0.19"),
    "entitlements": ["support"],
}
LIST = {"size": 20, "count": 1, "from": AT, "to": AT, "range": "created", "content": [PLAN]}
REFUSAL = {
    "code": 9,
    "error": "Customer not found",
    "path": "/v1/customer/x",
    "timestamp": AT,
    "http_status": 404,
    "http_reason": "Not Found",
    "request_id": "0" * 32,
}


def faults(name: str, answer: object) -> list[str]:
    return faults_of_answer(operations()[name], answer)


def plan_faults(**changes: object) -> list[str]:
    return faults("GET /v1/plan/{handle}/{version}", PLAN | changes)


def test_an_answer_that_keeps_the_contract_has_no_faults():
    assert plan_faults() == []
    assert faults("GET /v1/list/plan", LIST) == []
    assert faults("POST /v1/account/privkey/{key}/expire", {}) == []
    assert faults_of_error(404, REFUSAL) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": None}, "$.name: None is no string"),
        ({"description": None}, "$.description: None is no string"),
        ({"amount": "1990"}, "$.amount: '1990' is no int"),
        ({"amount": True}, "$.amount: True is no int"),
        ({"amount": -1}, "$.amount: -1 is less than 0"),
        ({"vat": "0.19"}, "$.vat: '0.19' is no float"),
        ({"prepaid": 1}, "$.prepaid: 1 is no bool"),
        ({"created": "2026-02-01"}, "$.created: '2026-02-01' is no datetime"),
        ({"state": "retired"}, "$.state: 'retired' is none of active, deleted, superseded"),
        ({"schedule_fixed_day": 29}, "$.schedule_fixed_day: 29 is more than 28"),
        ({"entitlements": "support"}, "$.entitlements: 'support' is no list"),
        ({"entitlements": [7]}, "$.entitlements[0]: 7 is no string"),
        ({"plan_version": 1}, "$.plan_version: Plan has no such member"),
    ],
)
def test_a_planted_fault_is_seen(changes, fault):
    assert plan_faults(**changes) == [fault]


def test_a_missing_member_is_seen_wherever_it_is():
    plan = {name: value for name, value in PLAN.items() if name != "currency"}

    assert faults("GET /v1/list/plan", LIST | {"content": [PLAN, plan]}) == [
        "$.content[1].currency: missing"
    ]


def test_a_list_that_lost_its_wrapper_is_seen():
    assert faults("GET /v1/list/plan", [PLAN])
    assert faults("GET /v1/plan", {"content": [PLAN]})


def test_a_body_where_none_is_promised_is_seen():
    assert faults("POST /v1/account/privkey/{key}/expire", {"deleted": True})


@pytest.mark.parametrize(
    ("status", "changes", "fault"),
    [
        (404, {"code": "9"}, "$.code: '9' is no int"),
        (404, {"request_id": None}, "$.request_id: None is no string"),
        (400, {}, "$.http_status: 404, but the status is 400"),
    ],
)
def test_a_planted_fault_of_a_refusal_is_seen(status, changes, fault):
    assert faults_of_error(status, REFUSAL | changes) == [fault]


def test_a_fixed_part_of_a_path_wins_over_a_parameter():
    validate = operation_at("GET", "/v1/coupon/code/validate")
    metadata = operation_at("GET", "/v1/coupon/code/metadata")

    assert validate is not None
    assert validate.path == "/v1/coupon/code/validate"
    assert metadata is not None
    assert metadata.path == "/v1/coupon/{handle}/metadata"
    assert operation_at("GET", "/v1/coupon/code/validate/") is None


def test_one_line_holds_all_that_is_known_of_a_member():
    assert member("int!; value 1..28") == Member(type="int", is_required=True, value=(1, 28))
    assert member("string[]; in a|b; items 1..") == Member(
        type="string[]", choices=frozenset({"a", "b"}), items=(1, None)
    )
    assert member("string; length ..9; like ^[a-z]+$").pattern == "^[a-z]+$"


def test_every_type_that_the_contract_names_is_known():
    named = {one.type for members in models().values() for one in members.values()}
    named |= {each.answer for each in operations().values()}
    named |= {each.body for each in operations().values() if isinstance(each.body, str)}

    unknown = {one.removesuffix("[]") for one in named} - set(KINDS) - set(models())
    assert not unknown


def test_the_contract_has_all_its_operations():
    kinds = [each.kind for each in operations().values()]

    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "current": 322,
        "old": 48,
        "plugin": 3,
        "page": 20,
    }
