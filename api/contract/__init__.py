"""What the wire promises, as data: every operation of the contract and every model it names.

`operations.json` lists the operations as "METHOD /path"; `models.json` the members of every model.
A member is written in one line: its type (`!` after it where it is always present), then, parted
by "; ", what its value keeps to: `in a|b`, `value 0..28`, `items 1..100`, `length 1..`,
`like ^PATTERN$`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Span = tuple[int | None, int | None]


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member of a model or one input: its type and what its value keeps to."""

    type: str
    is_required: bool = False
    choices: frozenset[str] = frozenset()
    value: Span = (None, None)
    items: Span = (None, None)
    length: Span = (None, None)
    pattern: str | None = None


Members = Mapping[str, Member]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A method on a path, what it takes and what it answers; `kind` is current, old (kept for
    clients of the past), plugin (called by shop plugins only) or page (of the hosted page)."""

    method: str
    path: str
    group: str
    kind: str
    answer: str
    query: Members
    body: str | Members | None
    form: Members

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def member(text: str) -> Member:
    """A member from its one line."""
    type_, *rules = text.split("; ")
    read: dict[str, Any] = {}
    for rule in rules:
        word, _, value = rule.partition(" ")
        match word:
            case "in":
                read["choices"] = frozenset(value.split("|"))
            case "like":
                read["pattern"] = value
            case _:
                read[word] = _span(value)
    return Member(type=type_.rstrip("!"), is_required=type_.endswith("!"), **read)


def _span(text: str) -> Span:
    least, _, most = text.partition("..")
    return (int(least) if least else None, int(most) if most else None)


def _written(file: str) -> Any:
    return json.loads((HERE / file).read_text(), parse_float=Decimal)


def _members(texts: Mapping[str, str]) -> Members:
    return {name: member(text) for name, text in texts.items()}


@cache
def models() -> Mapping[str, Members]:
    """Every model by its name."""
    written = _written("models.json")
    return {name: _members(texts) for name, texts in written.items()}


@cache
def operations() -> Mapping[str, Operation]:
    """Every operation by "METHOD /path"."""
    written = _written("operations.json")
    return {name: _operation(name, facts) for name, facts in written.items()}


def _operation(name: str, facts: Mapping[str, Any]) -> Operation:
    method, path = name.split(" ")
    body = facts.get("body")
    return Operation(
        method=method,
        path=path,
        group=facts["group"],
        kind=facts["kind"],
        answer=facts["answer"],
        query=_members(facts.get("query", {})),
        body=_members(body) if isinstance(body, dict) else body,
        form=_members(facts.get("form", {})),
    )


def operation_at(method: str, path: str) -> Operation | None:
    """The operation that serves an actual path; a fixed part wins over a parameter."""
    found = [each for each in operations().values() if _serves(each, method, path)]
    return min(found, key=lambda each: each.path.count("{"), default=None)


def _serves(operation: Operation, method: str, path: str) -> bool:
    if operation.method != method:
        return False
    asked, ours = path.split("/"), operation.path.split("/")
    return len(asked) == len(ours) and all(
        mine.startswith("{") or mine == theirs for mine, theirs in zip(ours, asked, strict=True)
    )
