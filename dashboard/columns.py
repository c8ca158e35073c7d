"""What a list shows: its columns, and how each value looks in a cell and in a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.queries import Place
from dashboard import showing
from dashboard.chips import Words
from dashboard.chips import chip as chip_of
from dashboard.navigation import address
from dashboard.templatetags import kontor as tags
from foundation.listing import Attribute, Kind, Listing, Row
from kernel.clock import zone

if TYPE_CHECKING:
    from accounts.models import Account

ENDS = {Kind.MONEY, Kind.NUMBER, Kind.RATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `name` is an attribute of the listing, or, with a `kind`, a value that the
    view adds to the rows itself, from the attributes it `needs`; such a column can neither be
    filtered nor sorted by.

    `link` names the page a cell leads to, called by the row's value of `link_by`.
    """

    name: str
    label: Words
    chip: str = ""
    link: str = ""
    link_by: str = ""
    words: Mapping[str, Words] = field(default_factory=dict)
    is_default: bool = True
    kind: Kind | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """What a list without rows teaches: the first step."""

    icon: str
    title: Words
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One list of the dashboard: a listing, and how it looks. `name` is what a person's choice
    of columns is remembered by."""

    name: str
    title: Words
    listing: Listing
    columns: tuple[Column, ...]
    empty: Empty
    lead: Words = ""
    dated_by: str = "created_at"
    order_by: str = "created_at"
    is_descending: bool = True

    def attribute(self, column: Column) -> Attribute:
        if column.kind is not None:
            return Attribute(column.name, column.kind)
        return self.listing.attribute(column.name)

    def is_listed(self, column: Column) -> bool:
        """Whether it can be filtered and sorted by."""
        return column.kind is None

    def column(self, name: str) -> Column | None:
        return next((each for each in self.columns if each.name == name), None)

    def needed(self, chosen: tuple[Column, ...]) -> tuple[str, ...]:
        """The attributes that these columns are made of."""
        names = [each.name for each in chosen if self.is_listed(each)]
        names += [name for each in chosen for name in (*each.needs, each.link_by)]
        if any(self.attribute(each).kind is Kind.MONEY for each in chosen):
            names.append("currency")
        known = [each for each in names if each in self.listing.by_name]
        return tuple(dict.fromkeys(known)) or (self.order_by,)


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a row is shown; `currency` is that of all amounts, told in the heads of columns."""

    account: "Account"
    place: Place
    currency: str = ""


def cell(table: Table, column: Column, row: Row, reader: Reader) -> SafeString | str:
    """The value as it stands in the table."""
    shown = _shown(table.attribute(column).kind, column, row, reader)
    key = row.get(column.link_by or column.name) if column.link else None
    url = address(reader.place, column.link, key) if key else ""
    return format_html('<a href="{}">{}</a>', url, shown) if url else shown


def _shown(kind: Kind, column: Column, row: Row, reader: Reader) -> SafeString | str:
    value = row.get(column.name)
    if value is None or value == "":
        return tags.NOTHING
    if column.chip:
        return tags.chip(column.chip, str(value))
    if column.words:
        return str(column.words.get(str(value), value))
    return CELLS[kind](value, row, reader)


def _money(minor: int, row: Row, reader: Reader) -> SafeString:
    if reader.currency:
        return tags.amount(minor, reader.currency)
    return tags.money(minor, currency_of(row, reader.account))


def _instant(value: datetime, _row: Row, reader: Reader) -> SafeString:
    return tags.instant(Context({"account": reader.account}), value)


CELLS: Mapping[Kind, Callable[[Any, Row, Reader], SafeString | str]] = {
    Kind.TEXT: lambda value, _row, _reader: str(value),
    Kind.STATE: lambda value, _row, _reader: str(chip_of("", str(value)).label),
    Kind.MONEY: _money,
    Kind.NUMBER: lambda value, _row, _reader: tags.number(value),
    Kind.RATE: lambda value, _row, _reader: tags.percent(value),
    Kind.BOOL: lambda value, _row, _reader: _("Yes") if value else _("No"),
    Kind.DATE: lambda value, _row, _reader: tags.day(value),
    Kind.INSTANT: _instant,
    Kind.ID: lambda value, _row, _reader: str(value),
}


def plain(table: Table, column: Column, row: Row, account: "Account") -> str:
    """The value as it stands in a file: exact decimals, ISO dates in the account's zone."""
    value, kind = row.get(column.name), table.attribute(column).kind
    if value is None:
        return ""
    if column.chip:
        value = chip_of(column.chip, str(value)).label
    elif column.words:
        value = column.words.get(str(value), value)
    elif kind is Kind.MONEY:
        value = showing.decimal_of(value, currency_of(row, account))
    elif kind is Kind.INSTANT:
        value = value.astimezone(zone(account.timezone)).isoformat(timespec="seconds")
    elif kind is Kind.BOOL:
        value = _("Yes") if value else _("No")
    return str(value)


def currency_of(row: Row, account: "Account") -> str:
    """What the amounts of the row are counted in."""
    return str(row.get("currency") or account.currency)
