"""Whatever is sent to an operation, in order or not: no fault of ours, an answer as the reference
promises, and nothing changed where it was refused.

The small share runs with every gate. `./kontor test tests/api/test_fuzz.py
--hypothesis-profile=long` sends eighty times as much, another thing in every run.
"""

import json
import random

import jsonschema_rs
import pytest
import schemathesis
from django.db import connection
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from api.docs.openapi import document
from foundation.tenancy import tenant
from tests.factories import GOOD_CARD, make_account
from tests.foundation.furnished import tenant_models
from tests.wire_client import Api

IS_LONG = settings.get_current_profile_name() == "long"
EXAMPLES = settings.get_profile("long").max_examples if IS_LONG else 5
SEED = random.SystemRandom().getrandbits(32) if IS_LONG else 1
SIDES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
NAMES = {
    "handle": ("ada", "gold", "ada-gold"),
    "customer": ("ada",),
    "customer_handle": ("ada",),
    "plan": ("gold",),
    "subscription": ("ada-gold",),
    "version": (1, 2),
    "signup_method": ("source",),
    "source": (GOOD_CARD,),
    "schedule_type": ("month_startdate",),
}
"""What is there: left to chance alone, hardly a request would get past the first name in it."""


def known_operations():
    found = schemathesis.openapi.from_dict(document()).get_all_operations()
    operations = [each.ok() for each in found if isinstance(each, Ok)]
    return {f"{each.method.upper()} {each.path}": each for each in operations}


OPERATIONS = known_operations()


@pytest.fixture(scope="module")
def inhabited(database, acquirer):
    """The client of an account in which a customer, a plan and a subscription are there."""
    api = Api(make_account())
    assert api.post("/v1/customer", {"handle": "ada"}).ok
    plan = {"handle": "gold", "name": "Gold", "amount": 1990, "interval_length": 1}
    assert api.post("/v1/plan", plan | {"schedule_type": "month_startdate"}).ok
    told = {"handle": "ada-gold", "customer": "ada", "plan": "gold", "signup_method": "source"}
    assert api.post("/v1/subscription", told | {"source": GOOD_CARD}).ok
    return api


def state_of(account_id):
    """One line that differs whenever a row of the account does."""
    sums = " UNION ALL ".join(
        f"SELECT count(*)::text || ':' || coalesce(max(xmin::text::bigint), 0) FROM {table}"
        for table in sorted(tenant_models())
    )
    with tenant(account_id), connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(line, ',') FROM ({sums}) sums(line)")
        return cursor.fetchone()[0]


def with_names(data, values):
    """Here and there a name that is known, in the place of one left to chance."""
    if not isinstance(values, dict):
        return values
    return {
        name: data.draw(st.sampled_from(NAMES[name]), label=name)
        if name in NAMES and data.draw(st.booleans(), label=f"known {name}")
        else value
        for name, value in values.items()
    }


def send(api, data, case):
    case.path_parameters = with_names(data, dict(case.path_parameters or {}))
    query = [
        (name, value)
        for name, given_ in with_names(data, dict(case.query or {})).items()
        for value in (given_ if isinstance(given_, list) else [given_])
    ]
    body = bytes_of(with_names(data, case.body))
    answer = api.raw(case.method.upper(), case.formatted_path, body, query=query)
    return case.formatted_path, answer


def bytes_of(body):
    if isinstance(body, bytes):
        return body
    return b"" if type(body).__name__ == "NotSet" else json.dumps(body).encode()


def takes_anything(operation):
    """Whether there is something to be said wrongly."""
    return "{" in operation.path or bool(operation.query) or bool(operation.body)


def expected_of(name):
    """The validator of what the operation answers."""
    method, path = name.split(" ")
    said = document()["paths"][path][method.lower()]["responses"]["200"]
    schema = said["content"]["application/json"]["schema"]
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": document()["components"]}, validate_formats=True
    )


CASES = [
    pytest.param(name, side, id=f"{name} {side.value}")
    for name, operation in sorted(OPERATIONS.items())
    for side in SIDES
    if side is GenerationMode.POSITIVE or takes_anything(operation)
]


@pytest.mark.parametrize(("name", "side"), CASES)
def test_an_operation_keeps_its_word_whatever_it_is_sent(inhabited, name, side):
    expected = expected_of(name)
    operation = OPERATIONS[name]
    before = [state_of(inhabited.account_id)]

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def run(data):
        case = data.draw(operation.as_strategy(generation_mode=side))
        path, answer = send(inhabited, data, case)
        after = state_of(inhabited.account_id)
        if answer.status == 200:
            wrong = [str(each) for each in expected.iter_errors(json.loads(answer.body))]
            assert wrong == [], f"{case.method} {path}"
            if case.method.upper() != "GET":
                before[0] = after
        assert after == before[0], f"{case.method} {path} changed something: {answer.json}"

    run()


def test_a_change_would_be_seen(inhabited):
    told = {"handle": "grace"}
    states = [state_of(inhabited.account_id)]
    for call in (
        lambda: inhabited.post("/v1/customer", told),
        lambda: inhabited.put("/v1/customer/grace", {"email": "grace@example.com"}),
        lambda: inhabited.get("/v1/customer/grace"),
        lambda: inhabited.put("/v1/customer/grace/metadata", {"shop": 7}),
        lambda: inhabited.delete("/v1/customer/grace/metadata"),
    ):
        assert call().status == 200
        states.append(state_of(inhabited.account_id))

    assert states[2] == states[3]
    assert len(set(states)) == len(states) - 1
