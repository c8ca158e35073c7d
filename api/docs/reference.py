"""The reference for people: the document's operations by group, each with tables and samples."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.docs.openapi import document
from api.docs.samples import sample

Json = Mapping[str, Any]
WORDS = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "string": "text",
    "any": "any",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A member or a parameter, as a line of a table; `model` is what its type leads to."""

    name: str
    type: str
    model: str
    is_required: bool
    description: str
    choices: Sequence[str]
    limits: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An operation as its part of a page shows it."""

    method: str
    path: str
    anchor: str
    group: str
    summary: str
    description: str
    needs_key: bool
    parameters: Sequence[Row]
    body: Sequence[Row]
    answer: Sequence[Row]
    answer_type: str
    answer_model: str
    request: str
    sample: str


@dataclass(frozen=True, kw_only=True)
class Model:
    """An object that calls take or give."""

    description: str
    rows: Sequence[Row]
    sample: str


@cache
def entries() -> Mapping[str, Entry]:
    """Every operation by "METHOD /path"."""
    found = {}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            entry = _entry(method.upper(), path, operation)
            found[f"{entry.method} {path}"] = entry
    return found


def groups() -> list[str]:
    return [each["name"] for each in document()["tags"]]


def entries_of(group: str) -> list[Entry]:
    return [each for each in entries().values() if each.group == group]


@cache
def models() -> Mapping[str, Model]:
    """Every object by its name."""
    return {
        name: Model(
            description=schema.get("description", ""),
            rows=tuple(_members(schema)),
            sample=_written(sample({"$ref": f"#/components/schemas/{name}"}, _schemas())),
        )
        for name, schema in _schemas().items()
    }


def _schemas() -> Json:
    found: Json = document()["components"]["schemas"]
    return found


def _entry(method: str, path: str, said: Json) -> Entry:
    answer = said["responses"]["200"]["content"]["application/json"]["schema"]
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return Entry(
        method=method,
        path=path,
        anchor=said["operationId"],
        group=said["tags"][0],
        summary=said["summary"],
        description=said.get("description", ""),
        needs_key="security" not in said,
        parameters=[
            _row(each["name"], each["schema"], each, is_required=each["required"])
            for each in said["parameters"]
        ],
        body=list(_members(_resolved(body))) if body else [],
        answer=list(_members(_resolved(answer))),
        answer_type=_type(answer),
        answer_model=_model(answer),
        request=_request(method, path, said, body),
        sample=_written(sample(answer, _schemas())),
    )


def _resolved(schema: Json) -> Json:
    """The object that a schema is, or is a list of."""
    while "$ref" in schema or schema.get("type") == "array":
        name = schema.get("$ref", "").rpartition("/")[2]
        schema = _schemas()[name] if name else schema["items"]
    return schema


def _members(schema: Json) -> Iterator[Row]:
    must = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        yield _row(name, each, each, is_required=name in must)


def _row(name: str, schema: Json, said: Json, *, is_required: bool) -> Row:
    plain = schema.get("items", schema)
    return Row(
        name=name,
        type=_type(schema),
        model=_model(schema),
        is_required=is_required,
        description=said.get("description", ""),
        choices=plain.get("enum", ()),
        limits=_limits(schema),
    )


def _model(schema: Json) -> str:
    name: str = schema.get("items", schema).get("$ref", "").rpartition("/")[2]
    return name


def _type(schema: Json) -> str:
    if schema.get("type") == "array":
        return f"{_type(schema['items'])}[]"
    if "$ref" in schema:
        return _model(schema)
    return str(schema.get("format") or WORDS.get(schema.get("type", "any"), "object"))


def _limits(schema: Json) -> str:
    said = []
    if "minimum" in schema or "maximum" in schema:
        said.append(f"{schema.get('minimum', '')}…{schema.get('maximum', '')}")
    if "maxLength" in schema:
        said.append(f"≤ {schema['maxLength']}")
    if "pattern" in schema:
        said.append(schema["pattern"])
    if "default" in schema:
        said.append(f"= {json.dumps(schema['default'])}")
    return ", ".join(said)


def _request(method: str, path: str, said: Json, body: Json | None) -> str:
    lines = [f'curl -s -u "$KEY:" "$KONTOR{_filled(path, said)}"']
    if method != "GET":
        lines[0] = lines[0].replace("curl -s", f"curl -s -X {method}")
    if body is None:
        return lines[0]
    example = _written(sample(body, _schemas()))
    return f"{lines[0]} \\\n  -H \"Content-Type: application/json\" -d @- <<'JSON'\n{example}\nJSON"


def _written(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _filled(path: str, said: Json) -> str:
    for each in said["parameters"]:
        if each["in"] == "path":
            value = sample(each["schema"], _schemas(), name=_named(each["name"], path))
            path = path.replace(f"{{{each['name']}}}", str(value))
    return path


def _named(parameter: str, path: str) -> str:
    """A handle is that of what stands before it in the path."""
    return path.split("/")[2] if parameter == "handle" else parameter
