"""Does an answer keep what the contract promises? Every answer that tests get is asked this.

Stricter than the contract in two ways: nothing is ever null (strict clients refuse it even where
a member may be left out), and a member that the contract does not know is a fault unless it
stands in `OURS` (a slip in the name of an optional member would pass for an addition otherwise).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from api.contract import Member, Members, Operation, models

OURS: Mapping[str, frozenset[str]] = {"ErrorResponse": frozenset({"request-id"})}
"""Members that our answers have beyond the contract's, by model."""

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?([+-]\d\d:?\d\d|Z)")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


KINDS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "datetime": lambda value: isinstance(value, str) and bool(INSTANT.fullmatch(value)),
    "int": _is_whole,
    "int64": lambda value: _is_whole(value) and -(2**63) <= value < 2**63,
    "float": lambda value: _is_whole(value) or isinstance(value, Decimal | float),
    "bool": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "any": lambda value: value is not None,
    "void": lambda value: value is None or value == {},
}


def faults_of_answer(operation: Operation, answer: Any) -> list[str]:
    """What is wrong with the body of a 200, by place; nothing when it keeps the contract."""
    return list(_faults(answer, Member(type=operation.answer, is_required=True), "$"))


def faults_of_error(status: int, answer: Any) -> list[str]:
    """What is wrong with the body of a refusal."""
    found = list(_faults(answer, Member(type="ErrorResponse", is_required=True), "$"))
    if not found and answer["http_status"] != status:
        found.append(f"$.http_status: {answer['http_status']}, but the status is {status}")
    return found


def _faults(value: Any, member: Member, place: str) -> Iterator[str]:
    if member.type.endswith("[]"):
        yield from _faults_of_list(value, member, place)
    elif member.type in KINDS:
        if KINDS[member.type](value):
            yield from _faults_of_value(value, member, place)
        else:
            yield f"{place}: {value!r} is no {member.type}"
    elif isinstance(value, dict):
        yield from _faults_of_object(value, member.type, place)
    else:
        yield f"{place}: {value!r} is no {member.type}"


def _faults_of_list(value: Any, member: Member, place: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place}: {value!r} is no list"
        return
    yield from _outside(len(value), member.items, f"{place}: items")
    each = Member(type=member.type.removesuffix("[]"), choices=member.choices)
    for number, one in enumerate(value):
        yield from _faults(one, each, f"{place}[{number}]")


def _faults_of_object(value: Mapping[str, Any], model: str, place: str) -> Iterator[str]:
    members: Members = models()[model]
    for name in members:
        if members[name].is_required and name not in value:
            yield f"{place}.{name}: missing"
    for name, one in value.items():
        if name in members:
            yield from _faults(one, members[name], f"{place}.{name}")
        elif name not in OURS.get(model, ()):
            yield f"{place}.{name}: {model} has no such member"


def _faults_of_value(value: Any, member: Member, place: str) -> Iterator[str]:
    if member.choices and value not in member.choices:
        yield f"{place}: {value!r} is none of {', '.join(sorted(member.choices))}"
    yield from _outside(value, member.value, place)
    if isinstance(value, str):
        yield from _outside(len(value), member.length, f"{place}: length")
        if member.pattern and not re.search(member.pattern, value):
            yield f"{place}: {value!r} is not like {member.pattern}"


def _outside(value: Any, span: Sequence[int | None], place: str) -> Iterator[str]:
    least, most = span
    if least is not None and value < least:
        yield f"{place}: {value} is less than {least}"
    if most is not None and value > most:
        yield f"{place}: {value} is more than {most}"
