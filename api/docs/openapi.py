"""The reference as an OpenAPI 3.1 document, made of the very tables that serve the requests."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from api.docs.routes import Served, served
from api.v1.errors import ERROR
from api.v1.paths import Number
from foundation.wire.kinds import FreeObject, Kind, ListOf
from foundation.wire.shapes import Field, Shape

Json = dict[str, Any]
NUMBER_MAX = 999_999_999
REQUEST_ID: Json = {
    "description": "Names this request; name it when you ask for help.",
    "schema": {"type": "string"},
}


@cache
def document() -> Json:
    """The whole document but for the address of the server, which the asker knows."""
    operations = served()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kontor API",
            "version": "1",
            "description": "Subscriptions, invoices and payments of one account.",
        },
        "tags": [{"name": name} for name in sorted({each.group for each in operations})],
        "security": [{"key": []}],
        "paths": _paths(operations),
        "components": {
            "schemas": _schemas(operations),
            "responses": {"Refusal": _answer(ERROR, "The request was refused.")},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The user name is a private key, the password is empty.",
                }
            },
        },
    }


def operation_id(one: Served) -> str:
    """A name for generated clients: `get_customer_by_handle`."""
    words = [
        f"by_{part[1:-1]}" if part.startswith("{") else part for part in one.path.split("/")[2:]
    ]
    return "_".join([one.method.lower(), *words])


def _paths(operations: Iterable[Served]) -> Json:
    paths: dict[str, Json] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return paths


def _operation(one: Served) -> Json:
    what = one.operation
    said: Json = {
        "operationId": operation_id(one),
        "summary": what.summary,
        "tags": [one.group],
        "parameters": [*_path_parameters(one), *_query_parameters(what.query)],
        "responses": {
            "200": _answer(what.answer, "Done."),
            "4XX": {"$ref": "#/components/responses/Refusal"},
            "5XX": {"$ref": "#/components/responses/Refusal"},
        },
    }
    said |= {"description": what.doc} if what.doc else {}
    said |= {} if one.needs_key else {"security": []}
    return said | ({"requestBody": _body(what.body)} if what.body is not None else {})


def _answer(kind: Kind, description: str) -> Json:
    return {
        "description": description,
        "headers": {"Request-Id": REQUEST_ID},
        "content": {"application/json": {"schema": kind.schema()}},
    }


def _body(kind: Kind) -> Json:
    must = any(each.required for each in kind.fields) if isinstance(kind, Shape) else True
    return {"required": must, "content": {"application/json": {"schema": kind.schema()}}}


def _path_parameters(one: Served) -> Iterator[Json]:
    for name, form in one.parameters.items():
        schema: Json = {"type": "string", "pattern": f"^{form}$"}
        if form == Number.regex:
            schema = {"type": "integer", "minimum": 0, "maximum": NUMBER_MAX}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(query: Shape | None) -> Iterator[Json]:
    for each in query.fields if query is not None else ():
        yield _query_parameter(each)


def _query_parameter(one: Field) -> Json:
    schema = dict(one.kind.schema())
    schema |= {"default": one.default} if one.default is not None else {}
    said: Json = {"name": one.name, "in": "query", "required": one.required, "schema": schema}
    return said | ({"description": one.doc} if one.doc else {})


def _schemas(operations: Iterable[Served]) -> Json:
    """Every shape that an operation or another shape refers to, once."""
    found: Json = {}
    waiting: list[Shape] = [ERROR]
    for each in operations:
        kinds = (each.operation.answer, each.operation.body)
        waiting += [shape for kind in kinds if (shape := _shape_in(kind)) is not None]
    while waiting:
        shape = waiting.pop()
        described = shape.description()
        if shape.name not in found:
            found[shape.name] = described
            waiting += shape.nested()
        assert found[shape.name] == described, f"there are two shapes called {shape.name}"
    return dict(sorted(found.items()))


def _shape_in(kind: Kind | None) -> Shape | None:
    while isinstance(kind, ListOf):
        kind = kind.of
    assert isinstance(kind, Shape | FreeObject | None) or not kind.schema().get("$ref")
    return kind if isinstance(kind, Shape) else None
