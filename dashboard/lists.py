"""Every list of the dashboard: filters, columns, order and pages, and the file of what is shown.

A list page is a `ListView` with a `Table`; its address holds everything but the choice of
columns, which each person keeps for herself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import translation
from django.utils.functional import cached_property

from accounts.commands.prefer import prefer
from accounts.domain.rights import Right, may
from dashboard.asking import SIZES, Address
from dashboard.chips import Words
from dashboard.columns import ENDS, Column, Reader, Table, cell, currency_of, plain
from dashboard.csv_export import csv_response
from dashboard.doors import AccountView
from dashboard.presets import PRESETS
from foundation.listing import Asked, Filter, Kind, Row, count, every, page
from foundation.tenancy import tenant
from kernel.errors import Invalid

EXPORT_SIZE = 500


@dataclass(frozen=True, slots=True)
class Act:
    """A button in the head of a page: where it leads, and the right it needs."""

    label: Words
    name: str
    icon: str = ""
    right: Right = Right.SEE
    is_primary: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column on the page."""

    column: Column
    is_end: bool
    sort_url: str
    sorted: str
    currency: str


class ListView(AccountView):
    """One list. Set `table` and `here`; override `always` to show only a part of the listing,
    and `complete` to add values from other queries to the rows of a page."""

    table: ClassVar[Table]
    acts: ClassVar[tuple[Act, ...]] = ()
    template: ClassVar[str] = "dashboard/list.html"

    def always(self) -> tuple[Filter, ...]:
        """Conditions that stand beside those of the address."""
        return ()

    def complete(self, rows: list[Row]) -> None:
        """Add to the rows what other apps know, in a fixed number of queries."""

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponseBase:
        if request.GET.get("format") == "csv":
            if not self.may(Right.EXPORT):
                return self.render("dashboard/forbidden.html", status=403)
            return self._file()
        try:
            return self._page()
        except Invalid:
            # A place in the list that no longer exists, or was never given out.
            return HttpResponseRedirect(request.path + self.address.with_(after=None))

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Another choice of columns; none of them, or all the usual ones, is the usual choice."""
        known = [each for each in request.POST.getlist("columns") if self.table.column(each)]
        prefer(user=self.user, columns=(self.table.name, known))
        return HttpResponseRedirect(request.get_full_path())

    @cached_property
    def address(self) -> Address:
        return Address(self.table, self.request.GET, self.account, self.now)

    @cached_property
    def chosen(self) -> tuple[Column, ...]:
        """The columns of this person, in the table's order."""
        kept = self.user.preferences.get("columns", {}).get(self.table.name, ())
        mine = tuple(each for each in self.table.columns if each.name in kept)
        return mine or tuple(each for each in self.table.columns if each.is_default)

    def asked(self) -> Asked:
        asked = self.address.asked(self.chosen)
        return Asked(
            filters=(*self.always(), *asked.filters),
            order_by=asked.order_by,
            descending=asked.descending,
            after=asked.after,
            size=asked.size,
            columns=asked.columns,
        )

    def extra(self) -> dict[str, Any]:
        """More for the template of a list that has one of its own."""
        return {}

    def _page(self) -> HttpResponse:
        asked, address = self.asked(), self.address
        found = page(self.account, self.table.listing, asked)
        self.complete(found.rows)
        total = count(self.account, self.table.listing, asked.filters)
        currencies = {currency_of(row, self.account) for row in found.rows}
        one_currency = currencies.pop() if len(currencies) == 1 else ""
        reader = Reader(self.account, self.place, one_currency)
        filters = address.shown_filters()
        context = {
            "filters": filters,
            "more_filters": address.more_filters(filters),
            "table": self.table,
            "address": address,
            "heads": [self._head(each, one_currency) for each in self.chosen],
            "rows": self._cells(found.rows, reader),
            "total": total,
            "is_filtered": any(each.is_set for each in filters),
            "next_url": found.next and address.with_(after=found.next),
            "first_url": asked.after and address.with_(after=None),
            "sizes": [(each, address.with_(size=str(each), after=None)) for each in SIZES],
            "csv_url": address.with_(format="csv", after=None),
            "columns": [(each, each in self.chosen) for each in self.table.columns],
            "presets": [(key, label) for key, (label, _) in PRESETS.items()],
            "acts": [each for each in self.acts if may(self.place.role, each.right)],
        }
        return self.render(self.template, context | self.extra())

    def _cells(self, rows: list[Row], reader: Reader) -> list[list[tuple[str, bool, Any]]]:
        """Row by row what each cell is called, where it stands and what it holds; each label is
        translated once and not once for every row."""
        heads = [
            (each, self._label(each, reader.currency), self._is_end(each)) for each in self.chosen
        ]
        return [
            [(label, is_end, cell(self.table, each, row, reader)) for each, label, is_end in heads]
            for row in rows
        ]

    def _label(self, column: Column, currency: str) -> str:
        """On a narrow screen there are no heads, and each cell tells its own name."""
        is_money = self.table.attribute(column).kind is Kind.MONEY
        return f"{column.label} {currency}".rstrip() if is_money else str(column.label)

    def _is_end(self, column: Column) -> bool:
        return self.table.attribute(column).kind in ENDS and not column.words

    def _head(self, column: Column, currency: str) -> Head:
        name, descending = self.address.order
        is_sorted = column.name == name
        goes_down = not descending if is_sorted else self._starts_downwards(column)
        sort = f"-{column.name}" if goes_down else column.name
        url = self.address.with_(sort=sort, after=None) if self.table.is_listed(column) else ""
        told = ("descending" if descending else "ascending") if is_sorted else ""
        is_money = self.table.attribute(column).kind is Kind.MONEY
        return Head(column, self._is_end(column), url, told, currency if is_money else "")

    def _starts_downwards(self, column: Column) -> bool:
        return self.table.attribute(column).kind in ENDS | {Kind.DATE, Kind.INSTANT}

    def _file(self) -> HttpResponseBase:
        columns = self._file_columns()
        kinds = [self.table.attribute(each).kind for each in columns]
        return csv_response(
            self.table.name,
            [str(each.label) for each in columns],
            self._file_rows(columns, translation.get_language()),
            numeric=[kind in ENDS for kind in kinds],
        )

    def _file_columns(self) -> tuple[Column, ...]:
        """Those chosen; an amount without its currency would say nothing."""
        currency = self.table.column("currency")
        has_money = any(self.table.attribute(each).kind is Kind.MONEY for each in self.chosen)
        if currency is None or not has_money or currency in self.chosen:
            return self.chosen
        return (*self.chosen, currency)

    def _file_rows(self, columns: Sequence[Column], language: str) -> Iterator[list[str]]:
        """Read while it is sent, through a door of its own."""
        asked = self.asked()
        whole = Asked(
            filters=asked.filters,
            order_by=asked.order_by,
            descending=asked.descending,
            size=EXPORT_SIZE,
            columns=self.table.needed(tuple(columns)),
        )
        with tenant(self.place.account_id) as account, translation.override(language):
            for batch in _batches(every(account, self.table.listing, whole)):
                self.complete(batch)
                for row in batch:
                    yield [plain(self.table, each, row, account) for each in columns]


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == EXPORT_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch
