"""Domain events: facts in the past tense, and their way into JSON and back.

A class is read once, at its first event; after that each event costs a walk over a short list.
"""

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import ClassVar, NamedTuple, TypeAlias, cast
from uuid import UUID

from kernel.errors import Invalid
from kernel.ids import uuid_of
from kernel.money import Money

JSON: TypeAlias = "str | int | bool | list[JSON] | dict[str, JSON] | None"
_Encode: TypeAlias = Callable[[object], JSON]
_Decode: TypeAlias = Callable[[JSON], object]
_Tell: TypeAlias = Callable[[object], str]
_DUMPS = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_REGISTRY: "dict[str, type[DomainEvent]]" = {}
# Known to annotations even where a linter moved their import under TYPE_CHECKING.
_VOCABULARY: dict[str, object] = {
    "ClassVar": ClassVar,
    "Money": Money,
    "UUID": UUID,
    "date": date,
    "datetime": datetime,
}


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Base of every fact. A subclass is a frozen keyword-only dataclass and names its `kind`
    once in the whole program ("invoice.settled").

    Fields are str, int, bool, UUID, date, datetime (aware), Money or a StrEnum, each also
    optional or as `tuple[X, ...]`. A field added later needs a default, for facts written before.
    """

    __slots__ = ()
    kind: ClassVar[str]

    def __init_subclass__(cls) -> None:
        kind = cls.__dict__.get("kind")
        if not isinstance(kind, str) or not _KIND.fullmatch(kind):
            raise TypeError(f"{cls.__qualname__} needs a kind such as 'invoice.settled'.")
        known = _REGISTRY.get(kind)
        # dataclass(slots=True) makes the class a second time: the same name is no rival.
        if known is not None and _name(known) != _name(cls):
            raise TypeError(f"{_name(cls)} and {_name(known)} both call themselves '{kind}'.")
        _REGISTRY[kind] = cls


def registered() -> Mapping[str, type[DomainEvent]]:
    """Every kind whose module has been imported."""
    return types.MappingProxyType(_REGISTRY)


def to_payload(event: DomainEvent) -> dict[str, JSON]:
    """The fields of the event as JSON; its kind travels beside it, not inside."""
    return {
        name: getattr(event, name) if encode is None else encode(getattr(event, name))
        for name, encode in _plan(type(event)).writing
    }


def to_json(event: DomainEvent) -> str:
    """`to_payload` as the text of JSON, written straight from the fields: a billing run says two
    facts an invoice."""
    writing = _plan(type(event)).telling
    return "{" + ",".join([key + tell(getattr(event, name)) for key, name, tell in writing]) + "}"


def from_payload(kind: str, payload: Mapping[str, JSON]) -> DomainEvent:
    """The event that was written. Members nobody knows are ignored, so that an older process
    can read what a newer one wrote; Invalid for an unknown kind or a payload that does not fit."""
    cls = _REGISTRY.get(kind)
    if cls is None:
        raise Invalid("unknown_event_kind", 'No event is called "{kind}".', kind=kind)
    plan = _plan(cls)
    try:
        values = {name: read(payload[name]) for name, read in plan.reading if name in payload}
        if plan.is_filled_directly and len(values) == len(plan.reading):
            made = object.__new__(cls)
            made.__dict__.update(values)
            return made
        return cls(**values)
    except (KeyError, TypeError, ValueError, AttributeError, Invalid) as error:
        raise Invalid(
            "event_payload_malformed",
            'The stored event "{kind}" cannot be read: {reason}.',
            kind=kind,
            reason=repr(error),
        ) from error


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


class _Codec(NamedTuple):
    """How one type is written and read; `encode` is None where JSON holds the value as it is."""

    encode: _Encode | None
    decode: _Decode


class _Plan(NamedTuple):
    writing: tuple[tuple[str, _Encode | None], ...]
    telling: tuple[tuple[str, str, _Tell], ...]
    reading: tuple[tuple[str, _Decode], ...]
    is_filled_directly: bool


_PLANS: dict[type[DomainEvent], _Plan] = {}


def _plan(cls: type[DomainEvent]) -> _Plan:
    plan = _PLANS.get(cls)
    if plan is None:
        plan = _PLANS[cls] = _plan_of(cls)
    return plan


def _plan_of(cls: type[DomainEvent]) -> _Plan:
    if "__dataclass_fields__" not in cls.__dict__:
        raise TypeError(f"{_name(cls)} must be a dataclass, or its fields would be lost.")
    hints = typing.get_type_hints(cls, localns=_VOCABULARY)
    codecs = [
        (field.name, _codec(hints[field.name], where=f"{_name(cls)}.{field.name}"))
        for field in dataclasses.fields(cls)
    ]
    return _Plan(
        writing=tuple((name, codec.encode) for name, codec in codecs),
        telling=tuple((f'"{name}":', name, _tell(hints[name], codec)) for name, codec in codecs),
        reading=tuple((name, codec.decode) for name, codec in codecs),
        is_filled_directly=_keeps_fields_in_a_dict(cls),
    )


def _keeps_fields_in_a_dict(cls: type[DomainEvent]) -> bool:
    """Such an event can skip its constructor, which for a frozen class costs more than reading
    the fields; slots and a __post_init__ need it."""
    own = cls.__mro__[: cls.__mro__.index(DomainEvent)]
    return not any("__slots__" in each.__dict__ or hasattr(each, "__post_init__") for each in own)


def _codec(hint: object, *, where: str) -> _Codec:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType} and len(arguments) == 2:
        inner = [each for each in arguments if each is not type(None)]
        if len(inner) == 1:
            return _optional(_codec(inner[0], where=where))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _many(_codec(arguments[0], where=where))
    if isinstance(hint, type):
        if issubclass(hint, StrEnum):
            return _Codec(cast("_Encode", hint.__str__), cast("_Decode", hint))
        if hint in _CODECS:
            return _CODECS[hint]
    raise TypeError(f"{where}: an event cannot carry {hint!r}.")


def _tell(hint: object, codec: _Codec) -> _Tell:
    """How a field stands in JSON: shortcuts for the commonest, the encoder's way for the rest."""
    members = typing.get_args(hint)
    others = [each for each in members if each is not type(None)]
    shortcut = _SHORTCUTS.get(others[0] if len(members) == 2 and len(others) == 1 else hint)
    if shortcut is None:
        encode = codec.encode
        return lambda value: _DUMPS(value if encode is None else encode(value))
    if hint in _SHORTCUTS:
        return shortcut
    return lambda value: "null" if value is None else shortcut(value)


def _optional(inner: _Codec) -> _Codec:
    encode, decode = inner

    def write(value: object) -> JSON:
        return None if value is None or encode is None else encode(value)

    def read(value: JSON) -> object:
        return None if value is None else decode(value)

    return _Codec(None if encode is None else write, read)


def _many(inner: _Codec) -> _Codec:
    encode, decode = inner

    def write(values: object) -> JSON:
        items = cast("tuple[JSON, ...]", values)
        return list(items) if encode is None else [encode(each) for each in items]

    def read(values: JSON) -> object:
        return tuple([decode(each) for each in cast("list[JSON]", values)])

    return _Codec(write, read)


def _as_is(cls: type[str | int | bool]) -> _Codec:
    def read(value: JSON) -> object:
        if type(value) is cls:
            return value
        raise TypeError(f"{value!r} is not of type {cls.__name__}")

    return _Codec(None, read)


def _write_uuid(value: UUID) -> str:
    return value.int.to_bytes(16).hex()


def _read_uuid(text: str) -> UUID:
    if len(text) != 32:
        raise ValueError(f"{text!r} is not 32 hexadecimal digits")
    return uuid_of(int(text, 16))


def _write_instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise Invalid("naive_instant", "An instant needs a time zone: {at} has none.", at=value)
    return value.astimezone(UTC).isoformat()


def _read_instant(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return value


def _write_money(value: Money) -> JSON:
    return {"minor": value.minor, "currency": value.currency}


def _read_money(value: dict[str, JSON]) -> Money:
    return Money(cast("int", value["minor"]), cast("str", value["currency"]))


_CODECS: dict[type, _Codec] = {
    str: _as_is(str),
    int: _as_is(int),
    bool: _as_is(bool),
    UUID: _Codec(cast("_Encode", _write_uuid), cast("_Decode", _read_uuid)),
    date: _Codec(cast("_Encode", date.isoformat), cast("_Decode", date.fromisoformat)),
    datetime: _Codec(cast("_Encode", _write_instant), cast("_Decode", _read_instant)),
    Money: _Codec(cast("_Encode", _write_money), cast("_Decode", _read_money)),
}

_SHORTCUTS: dict[object, _Tell] = {
    UUID: lambda value: f'"{cast("UUID", value).int.to_bytes(16).hex()}"',
    date: lambda value: f'"{cast("date", value).isoformat()}"',
    Money: lambda value: _money_json(cast("Money", value)),
}


def _money_json(money: Money) -> str:
    return f'{{"minor":{money.minor},"currency":"{money.currency}"}}'
