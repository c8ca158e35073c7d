"""Criteria of lists for what is called otherwise here, or is the same for every row as yet."""

import re
from collections.abc import Mapping
from typing import NoReturn
from uuid import UUID

from api.v1.errors import Problem
from api.v1.filters import Criterion, Made, number
from foundation.listing import Filter, Op
from foundation.wire.kinds import Choice, ListOf, Text

NOT_IMPLEMENTED = 43
WORDS_MAX = 100
_HEX = re.compile(r"[0-9a-f]{32}")


def identified(text: str, prefix: str = "") -> UUID | None:
    """The id that is written as `prefix` and 32 hexadecimal digits, or nothing."""
    digits = text.removeprefix(prefix)
    is_one = text.startswith(prefix) and _HEX.fullmatch(digits)
    return UUID(hex=digits) if is_one else None


def any_of(*found: UUID | None) -> tuple[UUID, ...]:
    """What was found, for a filter that an empty tuple lets nothing through."""
    return tuple(each for each in found if each is not None)


def words_of(name: str, words: Mapping[str, str | None], attribute: str = "") -> Criterion:
    """Any of a few words; a word without one of ours is what no row can be yet."""
    target = attribute or name
    return Criterion(
        name,
        ListOf(Choice(*words), max=WORDS_MAX),
        lambda given, _: [
            Filter(target, Op.ANY, tuple(ours for each in given if (ours := words[each])))
        ],
    )


def words_without(name: str, words: Mapping[str, str | None], attribute: str) -> Criterion:
    """None of these words."""
    return Criterion(
        name,
        ListOf(Choice(*words), max=WORDS_MAX),
        lambda given, _: [
            Filter(attribute, Op.NONE, tuple(ours for each in given if (ours := words[each])))
        ],
    )


def same_for_all(name: str, *held: str, others: tuple[str, ...] = ()) -> Criterion:
    """Words of which every row has those `held`; `others` are known too."""
    kind = Choice(*held, *others) if others else Text()
    return Criterion(
        name,
        ListOf(kind, max=WORDS_MAX),
        lambda given, _: [] if set(held) & set(given) else [NOTHING],
    )


def constant(name: str, value: int = 0) -> Criterion:
    """A number that every row has alike, compared."""
    compared = number(name)
    assert compared.made is not None

    def made(text: str, zone: str) -> list[Filter]:
        asked = compared.made(text, zone) if compared.made else ()
        return [] if all(_holds(value, each) for each in asked) else [NOTHING]

    return Criterion(name, compared.kind, made, compared.doc)


def none_have(*names: str) -> tuple[Criterion, ...]:
    """Words of what no row has yet; they may be repeated."""
    return tuple(Criterion(name, ListOf(Text(), max=WORDS_MAX), None) for name in names)


def refused(*names: str) -> tuple[Criterion, ...]:
    """What cannot be asked for yet: to leave it out of account would be a wrong answer."""
    return tuple(Criterion(name, Text(), _refusing(name)) for name in names)


NOTHING = Filter("created_at", Op.ANY, ())
"""Lets no row through."""


def _refusing(name: str) -> Made:
    def made(_: object, __: str) -> NoReturn:
        raise Problem(NOT_IMPLEMENTED, f"This list cannot be filtered by {name} yet.")

    return made


def _holds(value: int, asked: Filter) -> bool:
    limit: int = asked.value
    match asked.op:
        case Op.FROM:
            return value >= limit
        case Op.TO:
            return value <= limit
        case Op.ABOVE:
            return value > limit
        case Op.BEFORE:
            return value < limit
    return value == limit
