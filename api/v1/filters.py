"""What the query of a list may ask: one `Criterion` for each of its parameters."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from foundation.listing import BIGINT_MAX, Filter, Op
from foundation.wire.kinds import Boolean, Choice, Kind, ListOf, Text
from foundation.wire.refusals import malformed
from foundation.wire.shapes import Field, Given, optional
from foundation.wire.times import when

Made = Callable[[Any, str], Iterable[Filter]]
"""From the given value, and the account's zone, to conditions on the listing."""

COMPARISONS: Mapping[str, Op] = {
    ">=": Op.FROM,
    "<=": Op.TO,
    ">": Op.ABOVE,
    "<": Op.BEFORE,
    "=": Op.IS,
    "": Op.IS,
}
_COMPARED = re.compile(r"(>=|<=|>|<|=|)(.+)", re.DOTALL)
_BETWEEN = re.compile(r"(.+)\.\.(.+)", re.DOTALL)
_COMPARED_DOC = "A value, or >, >=, <, <= and a value, or two values with two dots between them."


@dataclass(frozen=True, slots=True)
class Criterion:
    """One parameter of the query and the conditions it makes. Without `made` nothing has what is
    asked for, and the list is empty."""

    name: str
    kind: Kind
    made: Made | None
    doc: str = ""

    @property
    def field(self) -> Field:
        return optional(self.name, self.kind, doc=self.doc)


def exact(name: str, attribute: str = "") -> Criterion:
    """Text that is equal."""
    return _plain(name, attribute, Op.IS)


def prefix(name: str, attribute: str) -> Criterion:
    """Text that begins so."""
    return _plain(name, attribute, Op.PREFIX)


def contains(name: str, attribute: str = "") -> Criterion:
    """Text that holds these characters, small or capital."""
    return _plain(name, attribute, Op.CONTAINS)


def choice(name: str, words: Mapping[str, str] | Iterable[str], attribute: str = "") -> Criterion:
    """One of a few words; a mapping says what each is called inside."""
    ours = _ours(words)
    target = attribute or name
    return Criterion(name, Choice(*ours), lambda word, _: [Filter(target, Op.ANY, (ours[word],))])


def many(name: str, words: Mapping[str, str] | Iterable[str], attribute: str = "") -> Criterion:
    """Any of a few words; the parameter is repeated."""
    return _of_words(name, _ours(words), attribute or name, Op.ANY)


def without(name: str, words: Mapping[str, str] | Iterable[str], attribute: str) -> Criterion:
    """None of these words; the parameter is repeated."""
    return _of_words(name, _ours(words), attribute, Op.NONE)


def texts(name: str, attribute: str = "") -> Criterion:
    """Any of these texts; the parameter is repeated."""
    target = attribute or name
    return Criterion(
        name, ListOf(Text(), max=100), lambda given, _: [Filter(target, Op.ANY, tuple(given))]
    )


def truth(name: str, attribute: str = "") -> Criterion:
    target = attribute or name
    return Criterion(name, Boolean(), lambda given, _: [Filter(target, Op.IS, given)])


def number(name: str, attribute: str = "") -> Criterion:
    """A whole number, compared."""
    return _compared(name, attribute or name, lambda text, _: _whole(name, text))


def rate(name: str, attribute: str = "") -> Criterion:
    """A number with decimals, compared."""
    return _compared(name, attribute or name, lambda text, _: _decimal(name, text))


def moment(name: str, attribute: str = "") -> Criterion:
    """A moment, compared; a date alone means its whole day."""
    target = attribute or name

    def made(text: str, zone: str) -> list[Filter]:
        between = _BETWEEN.fullmatch(text)
        sign, word = ("", text) if between else _split(name, text)
        if between or sign not in {"", "="}:
            return list(_ranges(name, target, text, lambda each: when(each, name).moment(zone)))
        start = when(word, name).moment(zone)
        return [
            Filter(target, Op.FROM, start),
            Filter(target, Op.BEFORE, start + _grain(word, zone)),
        ]

    return Criterion(name, Text(max=100), made, _COMPARED_DOC)


def nothing_has(*names: str) -> tuple[Criterion, ...]:
    """Parameters of what no row has yet: whoever asks for it gets an empty list."""
    return tuple(Criterion(name, ListOf(Text(), max=100), None) for name in names)


def conditions(criteria: Iterable[Criterion], given: Given, zone: str) -> list[Filter] | None:
    """All that was asked; nothing at all where no row can have it."""
    made: list[Filter] = []
    for each in criteria:
        if each.name in given:
            if each.made is None:
                return None
            made += each.made(given[each.name], zone)
    return made


def _plain(name: str, attribute: str, op: Op) -> Criterion:
    target = attribute or name
    return Criterion(name, Text(), lambda text, _: [Filter(target, op, text)])


def _of_words(name: str, ours: Mapping[str, str], target: str, op: Op) -> Criterion:
    return Criterion(
        name,
        ListOf(Choice(*ours), max=100),
        lambda words, _: [Filter(target, op, tuple(ours[word] for word in words))],
    )


def _ours(words: Mapping[str, str] | Iterable[str]) -> Mapping[str, str]:
    return words if isinstance(words, Mapping) else {word: word for word in words}


def _compared(name: str, target: str, read: Callable[[str, str], Any]) -> Criterion:
    return Criterion(
        name,
        Text(max=100),
        lambda text, zone: _ranges(name, target, text, lambda each: read(each, zone)),
        _COMPARED_DOC,
    )


def _ranges(name: str, target: str, text: str, read: Callable[[str], Any]) -> Iterable[Filter]:
    between = _BETWEEN.fullmatch(text)
    if between:
        yield Filter(target, Op.FROM, read(between[1].strip()))
        yield Filter(target, Op.TO, read(between[2].strip()))
        return
    sign, word = _split(name, text)
    yield Filter(target, COMPARISONS[sign], read(word))


def _split(name: str, text: str) -> tuple[str, str]:
    found = _COMPARED.fullmatch(text.strip())
    if found is None:
        raise malformed(name, "a value, or a comparison and a value")
    return found[1], found[2].strip()


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,19}", text) or abs(int(text)) > BIGINT_MAX:
        raise malformed(name, "a whole number")
    return int(text)


def _decimal(name: str, text: str) -> Decimal:
    try:
        found = Decimal(text) if len(text) <= 20 else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or abs(found) > 10**9:
        raise malformed(name, "a number")
    return found


def _grain(word: str, zone: str) -> timedelta:
    """How much time a moment means: its day, its minute, or its second."""
    if "T" not in word:
        start = when(word, "").at(zone)
        next_day = start.moved(start.local + timedelta(days=1))
        return next_day.instant - start.instant
    return timedelta(minutes=1) if word.count(":") == 1 else timedelta(seconds=1)
