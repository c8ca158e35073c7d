"""The reference is a valid OpenAPI document, and it tells exactly what the server has."""

import json
import re
from functools import cache

import jsonschema_rs
import pytest
from django.test import Client
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from api.docs.reference import entries
from api.docs.samples import sample
from api.v1 import urls

METHODS = ("get", "post", "put", "delete")
REQUEST_PARTS = re.compile(r"-d @- <<'JSON'\n(.*)\nJSON", re.DOTALL)


@cache
def document():
    answer = Client(SERVER_NAME="localhost").get("/docs/openapi.json")
    assert answer.status_code == 200
    return json.loads(answer.content)


def schemas():
    return document()["components"]["schemas"]


def validator(schema):
    """Of an answer or a body by its schema in the document."""
    whole = {"$ref": schema["$ref"]} if "$ref" in schema else dict(schema)
    return jsonschema_rs.Draft202012Validator(whole | {"components": document()["components"]})


def described():
    """Every operation of the document with its own words."""
    return [
        (f"{method.upper()} {path}", said)
        for path, methods in document()["paths"].items()
        for method, said in methods.items()
    ]


def routed():
    """Method and path of whatever the addresses of the dialect lead to."""
    found = set()
    for pattern in urls.urlpatterns:
        path = "/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        view = getattr(pattern.callback, "view_class", None)
        assert view is not None, path
        found |= {f"{each.upper()} {path}" for each in METHODS if hasattr(view, each)}
    return found


def test_the_document_is_valid_openapi():
    assert [str(each) for each in OPENAPI_31_VALIDATOR.iter_errors(document())] == []


def test_every_schema_of_it_is_valid_json_schema():
    for schema in schemas().values():
        jsonschema_rs.meta.validate(schema)


def test_it_tells_every_address_and_method_of_the_server_and_no_other():
    assert {name for name, _ in described()} == routed()
    assert len(routed()) > 5


def test_every_reference_in_it_leads_to_a_schema():
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document())))

    assert named == set(schemas())


def test_every_operation_is_named_once():
    names = [said["operationId"] for _, said in described()]

    assert sorted(names) == sorted(set(names))


def test_every_parameter_of_a_path_is_described():
    for name, said in described():
        told = {each["name"] for each in said["parameters"] if each["in"] == "path"}
        assert told == set(re.findall(r"\{(\w+)\}", name)), name


def test_every_operation_needs_the_key_unless_it_says_otherwise():
    assert document()["security"] == [{"key": []}]
    free = [name for name, said in described() if said.get("security") == []]
    assert free == ["GET /v1/error_codes"]


def test_a_sample_of_every_answer_keeps_its_schema():
    for name, said in described():
        schema = said["responses"]["200"]["content"]["application/json"]["schema"]
        errors = validator(schema).iter_errors(sample(schema, schemas()))
        assert [str(each) for each in errors] == [], name


def test_the_sample_of_every_body_keeps_its_schema():
    for name, said in described():
        if "requestBody" not in said:
            continue
        schema = said["requestBody"]["content"]["application/json"]["schema"]
        shown = REQUEST_PARTS.search(entries()[name].request)
        assert shown, name
        errors = validator(schema).iter_errors(json.loads(shown[1]))
        assert [str(each) for each in errors] == [], name


def test_a_refusal_is_described_as_it_comes(nobody):
    refused = nobody.get("/v1/account")

    schema = {"$ref": "#/components/schemas/ErrorResponse"}
    assert [str(each) for each in validator(schema).iter_errors(json.loads(refused.body))] == []


@pytest.mark.parametrize("planted", [{"openapi": "3.1.0"}, {"openapi": "2.0", "info": {}}])
def test_a_document_that_is_none_would_be_seen(planted):
    assert list(OPENAPI_31_VALIDATOR.iter_errors(planted))
