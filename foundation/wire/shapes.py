"""A shape is the table of one resource: it yields the answer, the description and the check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter, itemgetter
from typing import Any

from foundation.wire.kinds import Json, Kind, ListOf, Write, members_of
from foundation.wire.refusals import malformed, missing

Source = Callable[[Any], Any]
Given = dict[str, Any]
"""What a caller gave: only the members that were there; one given as null is None."""


@dataclass(frozen=True, slots=True)
class Field:
    """One member: its wire name, its kind, where it comes from, and what it means.

    `source` is a function of the thing, or the name of its attribute; unless given, the
    attribute of the member's own name. A source that gives None leaves the member out, which
    a required one may never do.
    """

    name: str
    kind: Kind
    source: Source | str = ""
    required: bool = True
    doc: str = ""
    default: Any = None

    @property
    def get(self) -> Source:
        return self.source if callable(self.source) else attrgetter(self.source or self.name)


def optional(name: str, kind: Kind, source: Source | str = "", *, doc: str = "") -> Field:
    """A member that may be absent."""
    return Field(name, kind, source, required=False, doc=doc)


class Shape(Kind):
    """The members of an object under the name that the reference gives it."""

    def __init__(self, name: str, *fields: Field, doc: str = "") -> None:
        self.name, self.fields, self.doc = name, fields, doc
        names = [each.name for each in fields]
        assert len(set(names)) == len(names), f"{name} has a member twice"
        self._writers: list[tuple[str, Source, Write, bool]] = [
            (each.name, each.get, each.kind.write, each.required) for each in fields
        ]
        self._known = {each.name: each for each in fields}
        self._required = [each.name for each in fields if each.required]

    def of_mapping(self) -> "Shape":
        """The same members, taken from a mapping by their names."""
        fields = (
            each if callable(each.source) else replace(each, source=_item(each))
            for each in self.fields
        )
        return Shape(self.name, *fields, doc=self.doc)

    def write(self, thing: Any) -> Given:
        answer: Given = {}
        for name, get, write, required in self._writers:
            value = get(thing)
            if value is not None:
                answer[name] = value if write is None else write(value)
            else:
                assert not required, f"{self.name}.{name} has no value"
        return answer

    def read(self, value: Any, path: str = "") -> Given:
        """The known members that are there, checked; unknown ones are ignored."""
        value = members_of(value, path)
        prefix = f"{path}." if path else ""
        for name in self._required:
            if value.get(name) is None:
                raise missing(prefix + name)
        known, given = self._known, {}
        for name, each in value.items():
            field = known.get(name)
            if field is not None:
                given[name] = None if each is None else field.kind.read(each, prefix + name)
        return given

    def read_query(self, query: Mapping[str, list[str]]) -> Given:
        """The known words of a query; an empty one counts as not given."""
        given: Given = {}
        for name, field in self._known.items():
            texts = [each for each in query.get(name, ()) if each]
            if texts:
                given[name] = _texts(field.kind, texts, name)
            elif field.required:
                raise missing(name)
        return given

    def schema(self) -> Json:
        """A reference; the description itself stands among the components."""
        return {"$ref": f"#/components/schemas/{self.name}"}

    def description(self) -> Json:
        """The members as JSON Schema (OpenAPI 3.1)."""
        members = {each.name: _described(each) for each in self.fields}
        said: dict[str, Any] = {"type": "object", "properties": members}
        said |= {"required": self._required} if self._required else {}
        return said | ({"description": self.doc} if self.doc else {})

    def nested(self) -> "list[Shape]":
        """The shapes that this one's members refer to, directly."""
        found = (_shape_in(each.kind) for each in self.fields)
        return [each for each in found if each is not None]


NOTHING = Shape("Nothing", doc="An empty object.")


def _item(field: Field) -> Source:
    name = field.source or field.name
    return itemgetter(name) if field.required else lambda thing: thing.get(name)


def _texts(kind: Kind, texts: list[str], name: str) -> Any:
    for text in texts:
        if "\x00" in text:
            raise malformed(name, "text without NUL characters")
    if isinstance(kind, ListOf):
        return kind.read_texts(texts, name)
    if len(texts) > 1:
        raise malformed(name, "given once")
    return kind.read_text(texts[0], name)


def _described(field: Field) -> Json:
    said = dict(field.kind.schema())
    said |= {"description": field.doc} if field.doc else {}
    return said | ({"default": field.default} if field.default is not None else {})


def _shape_in(kind: Kind) -> Shape | None:
    while isinstance(kind, ListOf):
        kind = kind.of
    return kind if isinstance(kind, Shape) else None
