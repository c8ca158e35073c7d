"""Every refusal of ours is known to the dialect, or deliberately is not."""

import re

import pytest
from django.db import InterfaceError, OperationalError
from psycopg import errors as postgres

from api.v1.codes import TEXTS, status_of
from api.v1.errors import ERROR, NUMBERS, problem_of
from api.v1.urls import urlpatterns
from foundation.wire.refusals import UNREADABLE
from kernel.errors import Conflict, Invalid, NotFound, Refused, Upstream
from tests.api.v1.routes import methods_of
from tests.house.facts import refusal_sorts

ELSEWHERE = {
    "billing_run_paused": "an operator's act",
    "callback_not_authentic": "an acquirer's call",
    "callback_not_understood": "an acquirer's call",
    "clock_only_forward": "an operator's act",
    "contradicting_outcome": "parks an attempt",
    "data_set_missing": "an operator's act",
    "gateway_look_up_failed": "parks nothing and is tried again by a worker",
    "last_administrator": "people are managed in the dashboard",
    "log_in_refused": "the dashboard's",
    "mail_*": "parks a mail",
    "mail_not_made": "a worker's",
    "no_own_clock": "an operator's act",
    "over_settled": "a worker's",
    "renderer_busy": "a worker's",
    "renderer_missing": "a worker's",
    "rendering_failed": "a worker's",
    "subdomain_taken": "organisations are opened elsewhere",
}
"""Refusals that no call of this dialect meets."""

GENERAL = {
    "idempotency_key_reused": "a request that cannot be right",
    "invalid_draft": "a claim too large, or below zero",
    "not_cancelled": "nothing to take back",
    "schedule_has_no_periods": "nothing to bill by",
    "too_far_behind": "more to bill than one call does",
}
"""Refusals that are 1 on purpose: the dialect has no number for them."""


def operations():
    for pattern in urlpatterns:
        for method in methods_of(pattern):
            view = getattr(pattern.callback, "view_class")  # noqa: B009
            yield getattr(view, method.lower()).operation


def test_every_refusal_has_a_number_or_a_reason_to_have_none():
    said_by_operations = {code for each in operations() for code in each.codes}
    known = set(NUMBERS) | said_by_operations | set(ELSEWHERE) | set(GENERAL)

    decided = {
        code
        for code, sorts in refusal_sorts().items()
        if sorts & {"Refused", "Conflict", "Upstream", "Failure"}
    }

    assert decided - known == set()


def test_no_number_is_given_to_what_nobody_says():
    ours = refusal_sorts()
    told = {code for code in NUMBERS if not code.endswith("_not_found")}

    assert told | set(ELSEWHERE) | set(GENERAL) <= set(ours)


def test_every_number_is_on_the_list():
    numbers = [each for each in NUMBERS.values() if isinstance(each, int)]

    assert set(numbers) <= set(TEXTS)


@pytest.mark.parametrize("code", TEXTS)
def test_the_status_follows_the_number(code):
    own = {0: 200, 2: 500, 3: 401, 6: 401, 7: 403, 209: 403, 122: 429, 123: 429}
    usual = 404 if re.search("not found", TEXTS[code], re.IGNORECASE) else 400

    assert status_of(code) == own.get(code, usual)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NotFound("customer", "x"), (9, 404)),
        (NotFound("unheard_of", "x"), (8, 404)),
        (Invalid("unknown_country", "No."), (1, 400)),
        *((Invalid(code, "No."), (1, 422)) for code in sorted(UNREADABLE)),
        (Refused("currency_locked", "No."), (72, 400)),
        (Conflict("handle_taken", "No."), (11, 400)),
        (Conflict("concurrent_resource_update", "No."), (74, 400)),
        (Upstream("gateway_look_up_failed", "No."), (2, 502)),
        (OperationalError("away"), (2, 503)),
        (InterfaceError("away"), (2, 503)),
        (KeyError("x"), (2, 500)),
        (AssertionError("x"), (2, 500)),
    ],
    ids=str,
)
def test_what_is_said_to_an_error(error, expected):
    problem = problem_of(error, {})

    assert (problem.code, problem.status) == expected
    assert problem.message.endswith(".")


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (postgres.DeadlockDetected(), 74),
        (postgres.LockNotAvailable(), 74),
        (postgres.SerializationFailure(), 74),
        (postgres.QueryCanceled(), 144),
    ],
)
def test_what_the_database_breaks_off_has_a_number(cause, code):
    error = OperationalError("broken off")
    error.__cause__ = cause

    assert problem_of(error, {}).code == code


def test_an_operation_may_have_a_number_of_its_own():
    refused = Refused("already_cancelled", "No.")

    assert problem_of(refused, {"already_cancelled": 13}).code == 13
    assert problem_of(refused, {"already_cancelled": lambda error: len(error.code)}).code == 17


def test_the_list_of_errors_holds_them_all(nobody):
    listed = nobody.get("/v1/error_codes").ok

    assert [each["code"] for each in listed] == sorted(TEXTS)
    assert all(set(each) == {"code", "error", "http_code"} for each in listed)


def test_a_refusal_tells_all_that_its_shape_promises(api):
    said = api.get("/v1/customer/none").json

    assert {each.name for each in ERROR.fields if each.required} <= set(said)
    assert said | {"timestamp": 0, "request_id": 0, "request-id": 0} == {
        "code": 9,
        "error": "Customer not found",
        "path": "/v1/customer/none",
        "timestamp": 0,
        "http_status": 404,
        "http_reason": "Not Found",
        "request_id": 0,
        "request-id": 0,
        "message": 'There is no customer "none".',
    }
    assert said["request_id"] == said["request-id"]
