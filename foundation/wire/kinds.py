"""The kinds of values on the wire: how each is read, written and described.

`read` takes what JSON gave, `read_text` a word of the query; both raise `Invalid` with the path
of the member. `write` is nothing where a value goes out as it is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from foundation.wire.refusals import malformed
from foundation.wire.times import When, when

Json = Mapping[str, Any]
Write = Callable[[Any], Any] | None

INT64_MAX = 2**63 - 1
INT32_MAX = 2**31 - 1
HANDLE_PATTERN = r"^[a-zA-Z0-9_.\-@]+$"
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


@cache
def _whole(pattern: str) -> re.Pattern[str]:
    """To Python, unlike to ECMA, a line may end once more after `$`."""
    return re.compile(re.sub(r"\$$", r"\\Z", pattern))


class Kind:
    """One kind of value; what is only ever given cannot be read."""

    write: Write = None

    def read(self, value: Any, path: str) -> Any:
        raise TypeError(f"{path} is given and never taken: {value!r}")

    def read_text(self, text: str, path: str) -> Any:
        return self.read(text, path)

    def schema(self) -> Json:
        return {}


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Text of limited length; `pattern` is a whole regular expression of ECMA and Python alike."""

    max: int = 255
    min: int = 0
    pattern: str = ""
    format: str = ""

    def read(self, value: Any, path: str) -> str:
        if type(value) is not str:
            raise malformed(path, "text")
        if not self.min <= len(value) <= self.max:
            raise malformed(path, f"{self.min} to {self.max} characters long")
        if "\x00" in value:
            raise malformed(path, "text without NUL characters")
        if self.pattern and not _whole(self.pattern).search(value):
            raise malformed(path, f"of the form {self.pattern}")
        return value

    def schema(self) -> Json:
        said: dict[str, Any] = {"type": "string", "maxLength": self.max}
        said |= {"minLength": self.min} if self.min else {}
        said |= {"pattern": self.pattern} if self.pattern else {}
        return said | ({"format": self.format} if self.format else {})


def handle() -> Text:
    """The merchant's own stable id."""
    return Text(min=1, pattern=HANDLE_PATTERN)


@dataclass(frozen=True, slots=True)
class Integer(Kind):
    """A whole number; `1.0` and `true` are none."""

    min: int = -INT64_MAX - 1
    max: int = INT64_MAX

    def read(self, value: Any, path: str) -> int:
        if type(value) is not int:
            raise malformed(path, "a whole number")
        if not self.min <= value <= self.max:
            raise malformed(path, f"from {self.min} to {self.max}")
        return value

    def read_text(self, text: str, path: str) -> int:
        if not _WHOLE.fullmatch(text):
            raise malformed(path, "a whole number")
        return self.read(int(text), path)

    def schema(self) -> Json:
        said: dict[str, Any] = {"type": "integer", "format": "int64"}
        if self.max <= INT32_MAX:
            said["format"] = "int32"
        if self.max < INT64_MAX:
            said["maximum"] = self.max
        return said | ({"minimum": self.min} if self.min > -INT64_MAX - 1 else {})


@dataclass(frozen=True, slots=True)
class Boolean(Kind):
    """True or false; the query may say 1 or 0."""

    def read(self, value: Any, path: str) -> bool:
        if type(value) is not bool:
            raise malformed(path, "true or false")
        return value

    def read_text(self, text: str, path: str) -> bool:
        found = _TRUTH.get(text.lower())
        if found is None:
            raise malformed(path, "true or false")
        return found

    def schema(self) -> Json:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Rate(Kind):
    """A share from 0 to 1, exact inside; on the wire a number."""

    write = float

    def read(self, value: Any, path: str) -> Fraction:
        if type(value) not in {int, Decimal} or not 0 <= value <= 1:
            raise malformed(path, "a number from 0 to 1")
        if isinstance(value, Decimal) and value.as_tuple().exponent < -6:  # type: ignore[operator]
            raise malformed(path, "a number of at most six decimals")
        return Fraction(value)

    def read_text(self, text: str, path: str) -> Fraction:
        if not re.fullmatch(r"[01](\.[0-9]{1,6})?", text):
            raise malformed(path, "a number from 0 to 1")
        return self.read(Decimal(text), path)

    def schema(self) -> Json:
        return {"type": "number", "minimum": 0, "maximum": 1}


class Choice(Kind):
    """One of a few words; nothing else is ever taken or given."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.known = frozenset(words)

    def write(self, value: Any) -> str:
        word = str(value)
        assert word in self.known, f"{word} is none of {self.words}"
        return word

    def read(self, value: Any, path: str) -> str:
        if type(value) is not str or value not in self.known:
            raise malformed(path, f"one of {', '.join(self.words)}")
        return value

    def schema(self) -> Json:
        return {"type": "string", "enum": list(self.words)}


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Instant(Kind):
    """A moment: out in UTC to the millisecond; in by the account's wall clock, as a `When`."""

    write = staticmethod(_instant)

    def read(self, value: Any, path: str) -> When:
        if type(value) is not str:
            raise malformed(path, "a date, or a date and time")
        return when(value, path)

    def schema(self) -> Json:
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True, slots=True)
class LocalTime(Instant):
    """A moment in the account's zone as a caller says it; described without a format, as it has
    several."""

    def schema(self) -> Json:
        return {
            "type": "string",
            "examples": ["2027-02-28", "2027-02-28T09:30"],
            "pattern": r"^[0-9]{4}-?[0-9]{2}-?[0-9]{2}",
        }


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A date without a time."""

    write = staticmethod(date.isoformat)

    def schema(self) -> Json:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class ListOf(Kind):
    """Values of one kind; in the query the name is repeated."""

    of: Kind
    max: int = 1000

    def read(self, value: Any, path: str) -> list[Any]:
        if type(value) is not list:
            raise malformed(path, "a list")
        if len(value) > self.max:
            raise malformed(path, f"a list of at most {self.max}")
        return [self.of.read(each, f"{path}[{index}]") for index, each in enumerate(value)]

    def read_texts(self, texts: Sequence[str], path: str) -> list[Any]:
        if len(texts) > self.max:
            raise malformed(path, f"given at most {self.max} times")
        return [self.of.read_text(each, path) for each in texts]

    def write(self, value: Any) -> list[Any]:
        write = self.of.write
        return list(value) if write is None else [write(each) for each in value]

    def schema(self) -> Json:
        return {"type": "array", "items": self.of.schema()}


def members_of(value: Any, path: str) -> dict[str, Any]:
    """The members of an object; an empty one may come as an empty list, since not every
    language tells the two apart."""
    if type(value) is dict:
        return value
    if type(value) is list and not value:
        return {}
    raise malformed(path, "an object")


FREE_DEPTH_MAX = 20
FREE_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class FreeObject(Kind):
    """An object of the caller's own making, kept and given back as it came."""

    def read(self, value: Any, path: str) -> dict[str, Any]:
        size = [0]
        kept: dict[str, Any] = _free(members_of(value, path), path, FREE_DEPTH_MAX, size)
        return kept

    def schema(self) -> Json:
        return {"type": "object", "additionalProperties": True}


def _free(value: Any, path: str, depth: int, size: list[int]) -> Any:
    """The value with its broken numbers as JSON can store them; bounded in depth and size."""
    size[0] += len(value) + 2 if isinstance(value, str) else 8
    if depth == 0 or size[0] > FREE_BYTES_MAX:
        raise malformed(path, f"at most {FREE_DEPTH_MAX} deep and {FREE_BYTES_MAX} bytes long")
    if isinstance(value, dict):
        size[0] += sum(map(len, value))
        return {name: _free(each, path, depth - 1, size) for name, each in value.items()}
    if isinstance(value, list):
        return [_free(each, path, depth - 1, size) for each in value]
    if isinstance(value, Decimal):
        number = float(value)
        if number in {float("inf"), float("-inf")}:
            raise malformed(path, "made of numbers that fit a double")
        return number
    if type(value) is int and abs(value) > INT64_MAX:
        raise malformed(path, "made of numbers that fit 64 bits")
    return value
