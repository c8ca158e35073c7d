"""One machine for every list: filters, sort and keyset paging over the rows of an account.

An app says once what its list can show (`Listing`); the API and the dashboard ask for pages of
it. A page costs one statement whatever its place in the list, because the next one begins behind
the last row's key and nothing is counted over.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from django.db.models import F, Q, UUIDField
from django.db.models.expressions import Combinable

from kernel.errors import Invalid, NotFound

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet

    from accounts.models import Account

SIZE_MAX = 1000
BIGINT_MAX = 2**63 - 1
TEXT_MAX = 1000

Row: TypeAlias = dict[str, Any]


class Kind(StrEnum):
    """What an attribute holds; it decides which filter values fit."""

    TEXT = "text"
    STATE = "state"
    MONEY = "money"
    NUMBER = "number"
    RATE = "rate"
    BOOL = "bool"
    DATE = "date"
    INSTANT = "instant"
    ID = "id"


TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.STATE: (str,),
    Kind.MONEY: (int,),
    Kind.NUMBER: (int,),
    Kind.RATE: (Decimal, int),
    Kind.BOOL: (bool,),
    Kind.DATE: (date,),
    Kind.INSTANT: (datetime,),
    Kind.ID: (UUID,),
}


class Op(StrEnum):
    """How a filter compares; the value of the enum is its spelling in addresses."""

    IS = "is"
    ANY = "any"
    NONE = "none"
    PREFIX = "prefix"
    CONTAINS = "contains"
    FROM = "from"
    TO = "to"
    ABOVE = "above"
    BEFORE = "before"
    EMPTY = "empty"


_LOOKUPS: Mapping[Op, str] = {
    Op.IS: "exact",
    Op.ANY: "in",
    Op.NONE: "in",
    Op.PREFIX: "startswith",
    Op.CONTAINS: "icontains",
    Op.FROM: "gte",
    Op.TO: "lte",
    Op.ABOVE: "gt",
    Op.BEFORE: "lt",
    Op.EMPTY: "isnull",
}
_TEXT_ONLY = {Op.PREFIX, Op.CONTAINS}
_MANY = {Op.ANY, Op.NONE}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing a row tells. `source` is a path from the row or an expression over it; money is
    in minor units of the row's attribute `currency`."""

    name: str
    kind: Kind
    source: str | Combinable = ""
    choices: tuple[str, ...] = ()
    nullable: bool = False

    @property
    def path(self) -> str:
        """The name by which the query knows it."""
        if isinstance(self.source, str):
            return self.source or self.name
        return f"listed_{self.name}"


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one attribute; `value` is a tuple for ANY and NONE, and a bool for EMPTY."""

    name: str
    op: Op
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which page of a list; `columns` names the attributes wanted, all when empty."""

    filters: tuple[Filter, ...] = ()
    order_by: str = "created_at"
    descending: bool = True
    after: str | None = None
    size: int = 20
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by attribute name, each with its `id`; `next` asks for what follows, if anything."""

    rows: list[Row]
    next: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list can show, filter and sort by."""

    name: str
    rows: Callable[["Account"], "QuerySet[Any]"]
    attributes: tuple[Attribute, ...]
    by_name: Mapping[str, Attribute] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.attributes})

    def attribute(self, name: str) -> Attribute:
        """Raises `NotFound` for what the list cannot show."""
        found = self.by_name.get(name)
        if found is None:
            raise NotFound("list_attribute", name)
        return found


def page(account: "Account", listing: Listing, asked: Asked) -> Page:
    """One page; one statement.

    Raises `NotFound` for an unknown attribute, and `Invalid` for a filter value that does not
    fit it, a size out of range or a place in the list that this list never gave out.
    """
    if not 1 <= asked.size <= SIZE_MAX:
        raise Invalid(
            "invalid_page_size", "A page has 1 to {limit} rows.", field="size", limit=SIZE_MAX
        )
    order = listing.attribute(asked.order_by)
    columns = _columns(listing, asked)
    rows = _filtered(account, listing, asked.filters, (*columns, order))
    if asked.after is not None:
        rows = rows.filter(_behind(order, asked, rows.model._meta.pk))
    rows = rows.order_by(*_order(order, descending=asked.descending))
    paths = [each.path for each in columns]
    found = list(rows.values_list(*paths, order.path, "pk")[: asked.size + 1])
    kept = found[: asked.size]
    names = [each.name for each in columns]
    shown = [{**dict(zip(names, row, strict=False)), "id": row[-1]} for row in kept]
    more = len(found) > asked.size
    return Page(shown, _cursor(kept[-1][-2], kept[-1][-1]) if more else None)


def every(account: "Account", listing: Listing, asked: Asked) -> Iterator[Row]:
    """All rows from the asked place on, page by page: for exports."""
    while True:
        found = page(account, listing, asked)
        yield from found.rows
        if found.next is None:
            return
        asked = replace(asked, after=found.next)


def count(account: "Account", listing: Listing, filters: Sequence[Filter] = ()) -> int:
    """How many rows the filters leave."""
    return _filtered(account, listing, filters, ()).count()


def _columns(listing: Listing, asked: Asked) -> tuple[Attribute, ...]:
    if not asked.columns:
        return listing.attributes
    return tuple(listing.attribute(name) for name in asked.columns)


def _filtered(
    account: "Account",
    listing: Listing,
    filters: Sequence[Filter],
    needed: Sequence[Attribute],
) -> "QuerySet[Any]":
    used = {each.name: each for each in needed}
    used |= {each.name: listing.attribute(each.name) for each in filters}
    made = {each.path: each.source for each in used.values() if not isinstance(each.source, str)}
    rows: QuerySet[Any] = listing.rows(account).annotate(**made)
    for each in filters:
        rows = rows.filter(_condition(listing.attribute(each.name), each))
    return rows


def _condition(attribute: Attribute, asked: Filter) -> Q:
    values = asked.value if asked.op in _MANY else (asked.value,)
    if asked.op in _TEXT_ONLY and attribute.kind not in {Kind.TEXT, Kind.STATE}:
        raise _unfit(attribute, asked)
    for each in values:
        if not _fits(attribute, asked.op, each):
            raise _unfit(attribute, asked)
    condition = Q(**{f"{attribute.path}__{_LOOKUPS[asked.op]}": asked.value})
    return ~condition if asked.op is Op.NONE else condition


def _fits(attribute: Attribute, op: Op, value: object) -> bool:
    if op is Op.EMPTY:
        return isinstance(value, bool)
    kind = attribute.kind
    # To Python a bool is an int, and an instant is a date.
    if isinstance(value, bool) is not (kind is Kind.BOOL):
        return False
    if isinstance(value, datetime) is not (kind is Kind.INSTANT):
        return False
    return isinstance(value, TYPES[kind]) and _is_sane(attribute, op, value)


def _is_sane(attribute: Attribute, op: Op, value: object) -> bool:
    """What the database could not even compare is refused here."""
    if isinstance(value, str):
        is_choice = not attribute.choices or op in _TEXT_ONLY or value in attribute.choices
        return is_choice and len(value) <= TEXT_MAX and "\0" not in value and _encodes(value)
    if isinstance(value, datetime):
        return value.tzinfo is not None
    if isinstance(value, Decimal):
        return value.is_finite()
    return not isinstance(value, int) or abs(value) <= BIGINT_MAX


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unfit(attribute: Attribute, asked: Filter) -> Invalid:
    hint = f" One of: {', '.join(attribute.choices)}." if attribute.choices else ""
    return Invalid(
        "invalid_filter",
        "The filter {op} on {field} does not fit its kind, {kind}." + hint,
        field=attribute.name,
        op=asked.op.value,
        kind=attribute.kind.value,
    )


def _order(attribute: Attribute, *, descending: bool) -> list[Any]:
    nulls = True if attribute.nullable else None
    if descending:
        return [F(attribute.path).desc(nulls_last=nulls), "-pk"]
    return [F(attribute.path).asc(nulls_last=nulls), "pk"]


def _behind(order: Attribute, asked: Asked, key_field: "Field[Any, Any]") -> Q:
    """What comes after the cursor; empty values come last in either direction."""
    value, key = _place(order, asked.after or "")
    if isinstance(key, UUID) is not isinstance(key_field, UUIDField):
        raise _no_such_page()
    way = "lt" if asked.descending else "gt"
    by_key = Q(**{f"pk__{way}": key})
    if value is None:
        return Q(**{f"{order.path}__isnull": True}) & by_key
    # The first condition says nothing new, but an index can begin with it.
    near = Q(**{f"{order.path}__{way}e": value})
    behind = near & (Q(**{f"{order.path}__{way}": value}) | by_key)
    return behind | Q(**{f"{order.path}__isnull": True}) if order.nullable else behind


def _cursor(value: object, key: object) -> str:
    place = [_told(value), _told(key)]
    text = json.dumps(place, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _told(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if value is None or isinstance(value, int | bool) else str(value)


def _place(order: Attribute, cursor: str) -> tuple[Any, Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, key = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        place = _read(order.kind, value), UUID(key) if isinstance(key, str) else _number(key)
    except (ValueError, TypeError, AttributeError, ArithmeticError, binascii.Error) as error:
        raise _no_such_page() from error
    if place[0] is not None and not _fits(replace(order, choices=()), Op.IS, place[0]):
        raise _no_such_page()
    return place


def _no_such_page() -> Invalid:
    return Invalid(
        "invalid_page_token", "This page of the list does not exist: begin with the first."
    )


def _number(key: object) -> int:
    if not isinstance(key, int) or not 0 <= key <= BIGINT_MAX:
        raise TypeError(f"{key!r} is no key of a row")
    return key


def _read(kind: Kind, value: Any) -> object:
    if value is None:
        return None
    match kind:
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.INSTANT:
            return datetime.fromisoformat(value)
        case Kind.RATE:
            return Decimal(str(value))
        case Kind.ID:
            return UUID(value)
    return value
