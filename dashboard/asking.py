"""A list's address: which filters, order and page it asks for, and the addresses beside it.

What an address cannot mean is left out, never an error: people edit addresses by hand.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from dashboard import showing
from dashboard.chips import chip as chip_of
from dashboard.columns import Column, Table
from dashboard.presets import PRESETS
from foundation.listing import Asked, Attribute, Filter, Kind, Op
from kernel.clock import local_date
from kernel.moments import local_moment
from kernel.money import exponent

if TYPE_CHECKING:
    from accounts.models import Account

SIZES = (10, 20, 50, 100)
SIZE = 20
TEXT_OPS: Mapping[str, Op] = {"contains": Op.CONTAINS, "prefix": Op.PREFIX, "is": Op.IS}
TEXT_MAX = 200
_DECIMAL = re.compile(r"[+-]?\d{1,15}([.,]\d{1,6})?")


Told: TypeAlias = tuple[tuple[Filter, ...], str]
"""The filters that a part of the address means, and what they are in words."""
Read: TypeAlias = Callable[[Column, Attribute], Told]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One filter as the page shows it: unset, or with the words of its value."""

    column: Column
    kind: Kind
    filters: tuple[Filter, ...]
    told: str
    values: tuple[str, ...]
    op: str
    low: str
    high: str
    choices: tuple[tuple[str, str], ...]
    rest: tuple[tuple[str, str], ...]
    without: str
    is_new: bool

    @property
    def is_set(self) -> bool:
        return bool(self.filters)


@dataclass(frozen=True, slots=True)
class Address:
    """What the query of a list's address says."""

    table: Table
    query: QueryDict
    account: "Account"
    now: datetime

    def asked(self, chosen: tuple[Column, ...]) -> Asked:
        """The page, in the terms of the listing."""
        order, descending = self.order
        return Asked(
            filters=self.filters(),
            order_by=order,
            descending=descending,
            after=self.query.get("after"),
            size=self.size,
            columns=self.table.needed(chosen),
        )

    def filters(self) -> tuple[Filter, ...]:
        found = [self._read(each)[0] for each in self.filterable()]
        return tuple(one for each in found for one in each)

    @property
    def order(self) -> tuple[str, bool]:
        text = self.query.get("sort", "")
        name = text.removeprefix("-")
        column = self.table.column(name)
        if column is not None and self.table.is_listed(column):
            return name, text.startswith("-")
        return self.table.order_by, self.table.is_descending

    @property
    def size(self) -> int:
        text = self.query.get("size", "")
        return int(text) if text in {str(each) for each in SIZES} else SIZE

    def filterable(self) -> list[Column]:
        return [each for each in self.table.columns if self.table.is_listed(each)]

    def shown_filters(self) -> list[Chosen]:
        """The date, what is set, and what was just added."""
        all_of_them = [self._chosen(each) for each in self.filterable()]
        first = [each for each in all_of_them if each.column.name == self.table.dated_by]
        rest = [each for each in all_of_them if each not in first]
        return first + [each for each in rest if each.is_set or each.is_new]

    def more_filters(self, filters: Sequence[Chosen]) -> list[tuple[Column, str]]:
        """Those that can be added to these, each with the address that adds it."""
        shown = {each.column.name for each in filters}
        rest = [each for each in self.filterable() if each.name not in shown]
        return [(each, self.with_(add=each.name, after=None)) for each in rest]

    def with_(self, **changes: str | None) -> str:
        """This address with some values set or, by None, taken away."""
        pairs = [pair for pair in self._pairs() if pair[0] not in changes]
        pairs += [(name, value) for name, value in changes.items() if value is not None]
        return f"?{urlencode(pairs)}" if pairs else "?"

    def _pairs(self) -> list[tuple[str, str]]:
        return [(key, each) for key, values in self.query.lists() for each in values if each]

    def _chosen(self, column: Column) -> Chosen:
        name, attribute = column.name, self.table.attribute(column)
        filters, told = self._read(column)
        own = {name, f"{name}.op", f"{name}.from", f"{name}.to"}
        rest = [pair for pair in self._pairs() if pair[0] not in {*own, "after", "add"}]
        return Chosen(
            column=column,
            kind=attribute.kind,
            filters=filters,
            told=told,
            values=tuple(self.query.getlist(name)),
            op=self.query.get(f"{name}.op", "contains"),
            low=self.query.get(f"{name}.from", ""),
            high=self.query.get(f"{name}.to", ""),
            choices=choices_of(column, attribute),
            rest=tuple(rest),
            without=f"?{urlencode(rest)}" if rest else "?",
            is_new=self.query.get("add") == name,
        )

    def _read(self, column: Column) -> Told:
        attribute = self.table.attribute(column)
        readers: Mapping[Kind, Read] = {
            Kind.TEXT: self._text,
            Kind.STATE: self._state,
            Kind.BOOL: self._bool,
            Kind.ID: self._id,
            Kind.DATE: self._days,
            Kind.INSTANT: self._days,
        }
        return readers.get(attribute.kind, self._range)(column, attribute)

    def _text(self, column: Column, attribute: Attribute) -> Told:
        if attribute.choices:
            return self._state(column, attribute)
        value = self._one(column)[:TEXT_MAX]
        op = TEXT_OPS.get(self.query.get(f"{column.name}.op", ""), Op.CONTAINS)
        if not value:
            return (), ""
        told = value if op is Op.IS else f"{value}…" if op is Op.PREFIX else f"…{value}…"
        return (Filter(column.name, op, value),), told

    def _state(self, column: Column, attribute: Attribute) -> Told:
        labels = dict(choices_of(column, attribute))
        values = tuple(each for each in self.query.getlist(column.name) if each in labels)
        if not values:
            return (), ""
        told = ", ".join(labels[each] for each in values)
        return (Filter(column.name, Op.ANY, values),), told

    def _bool(self, column: Column, _: Attribute) -> Told:
        value = self._one(column)
        if value not in {"yes", "no"}:
            return (), ""
        told = dict(yes_no())[value]
        return (Filter(column.name, Op.IS, value == "yes"),), told

    def _id(self, column: Column, _: Attribute) -> Told:
        try:
            value = UUID(self._one(column))
        except ValueError:
            return (), ""
        return (Filter(column.name, Op.IS, value),), str(value)

    def _range(self, column: Column, attribute: Attribute) -> Told:
        low, high = (self._number(column, attribute, end) for end in ("from", "to"))
        bounds = [(Op.FROM, low), (Op.TO, high)]
        filters = [Filter(column.name, op, value) for op, value in bounds if value is not None]
        told = [
            "" if value is None else self.query.get(f"{column.name}.{end}", "")
            for end, value in (("from", low), ("to", high))
        ]
        return tuple(filters), _told_range(*told)

    def _number(self, column: Column, attribute: Attribute, end: str) -> int | Decimal | None:
        text = self.query.get(f"{column.name}.{end}", "").strip()
        if not _DECIMAL.fullmatch(text):
            return None
        try:
            value = Decimal(text.replace(",", "."))
        except InvalidOperation:
            return None
        if attribute.kind is Kind.MONEY:
            return int(value.scaleb(exponent(self.account.currency)))
        if attribute.kind is Kind.RATE:
            return value / 100
        return int(value)

    def _days(self, column: Column, attribute: Attribute) -> Told:
        first, last, told = self._stretch(column)
        is_date = attribute.kind is Kind.DATE
        filters = []
        if first is not None:
            start = first if is_date else self._midnight(first)
            filters.append(Filter(column.name, Op.FROM, start))
        if last is not None:
            end = last if is_date else self._midnight(last + timedelta(days=1))
            filters.append(Filter(column.name, Op.TO if is_date else Op.BEFORE, end))
        return tuple(filters), told

    def _stretch(self, column: Column) -> tuple[date | None, date | None, str]:
        value = self._one(column)
        if value in PRESETS:
            label, days = PRESETS[value]
            return *days(local_date(self.now, self.account.timezone)), str(label)
        first, last = (_date(self.query.get(f"{column.name}.{end}", "")) for end in ("from", "to"))
        if value != "custom" or (first is None and last is None):
            return None, None, ""
        ends = [showing.day(each) if each else "" for each in (first, last)]
        return first, last, _told_range(*ends)

    def _midnight(self, day: date) -> datetime:
        return local_moment(day.isoformat(), self.account.timezone).instant

    def _one(self, column: Column) -> str:
        return self.query.get(column.name, "").replace("\0", "").strip()


def choices_of(column: Column, attribute: Attribute) -> tuple[tuple[str, str], ...]:
    """What a state can be, each with its word."""
    if attribute.kind is Kind.BOOL:
        return yes_no()
    labels: dict[str, Any] = {each: chip_of(column.chip, each).label for each in attribute.choices}
    labels |= {key: word for key, word in column.words.items() if key in labels}
    return tuple((key, str(label)) for key, label in labels.items())


def yes_no() -> tuple[tuple[str, str], ...]:
    return ("yes", _("Yes")), ("no", _("No"))


def _told_range(low: str, high: str) -> str:
    if low and high:
        return f"{low} {showing.DASH} {high}"
    if low:
        return f"≥ {low}"
    return f"≤ {high}" if high else ""


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2999 else None
