"""Lists as they were: numbered pages, a search expression, and totals.

A search is terms after each other, all of which must hold: `name:value`, where the value may end
with `*`, may begin with >, >=, < or <=, or be a range `[a TO b]`; spaces stand in quotation marks.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Account
from api.v1.errors import Problem
from api.v1.filters import Criterion, conditions
from api.v1.lists import Load
from foundation.listing import Asked, Filter, Listing, Op, Row, count
from foundation.listing import page as page_of
from foundation.wire.kinds import INT32_MAX, Integer, ListOf, Text
from foundation.wire.shapes import Field, Shape, optional
from foundation.wire.views import Call
from kernel.errors import Invalid

SIZE_USUAL, SIZE_MAX = 20, 100
SEARCH_MAX = 1000
TERMS_MAX = 20
SEARCH_ERROR = 50
_STEP = 1000
_REACH = 100_000
_TERM = re.compile(
    r"\s*(?:AND\s+)?(?P<name>[a-z_][a-z0-9_.]*):"
    r'(?:"(?P<quoted>[^"]*)"|\[(?P<low>\S+) TO (?P<high>\S+)\]|(?P<plain>[^\s"\[\]]+))(?=\s|$)'
)


@dataclass(frozen=True, kw_only=True)
class OldList:
    """A list beside the resource itself. `searched` are the names that a search knows and
    `sorted_by` those that it can be sorted by, each with its attribute."""

    name: str
    shape: Shape
    listing: Listing
    load: Load
    searched: tuple[Criterion, ...] = ()
    prefixed: Mapping[str, str] = field(default_factory=dict)
    sorted_by: Mapping[str, str] = field(default_factory=lambda: {"created": "created_at"})
    columns: tuple[str, ...] = ()
    answer: Shape = field(init=False)
    query: Shape = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "answer", searched(self.name, self.shape))
        object.__setattr__(self, "query", ANY_PAGE)

    def page(self, call: Call) -> Mapping[str, Any]:
        """The page that the call asks for, and how many there are in all."""
        asked = call.query
        number, size = asked.get("page") or 1, asked.get("size") or SIZE_USUAL
        found = self._searched(asked.get("search", ""), call)
        order, descending = self._order(asked.get("sort", ""))
        wanted = Asked(filters=tuple(found or ()), order_by=order, descending=descending, size=size)
        total = 0 if found is None else count(call.account, self.listing, wanted.filters)
        skipped = (number - 1) * size
        if skipped > _REACH:
            raise Problem(SEARCH_ERROR, f"A list reaches {_REACH} far: search for less.")
        rows: Sequence[Row] = ()
        if skipped < total:
            rows = self._rows(call.account, wanted, skipped)
        return {
            "page": number,
            "size": size,
            "count": len(rows),
            "search": asked.get("search"),
            "sort": asked.get("sort"),
            "content": self.load(call.account, rows) if rows else (),
            "total_elements": total,
            "total_pages": -(-total // size),
        }

    def _rows(self, account: Account, asked: Asked, skipped: int) -> Sequence[Row]:
        """The rows behind so many others; the way there is made in long steps of keys alone."""
        after = None
        while skipped:
            step = Asked(
                filters=asked.filters,
                order_by=asked.order_by,
                descending=asked.descending,
                after=after,
                size=min(skipped, _STEP),
                columns=(asked.order_by,),
            )
            passed = page_of(account, self.listing, step)
            after, skipped = passed.next, skipped - len(passed.rows)
            if after is None:
                return ()
        last = Asked(
            filters=asked.filters,
            order_by=asked.order_by,
            descending=asked.descending,
            after=after,
            size=asked.size,
            columns=(asked.order_by, *self.columns),
        )
        return page_of(account, self.listing, last).rows

    def _searched(self, text: str, call: Call) -> list[Filter] | None:
        known = {each.name: each for each in self.searched}
        made: list[Filter] = []
        for term in _terms(text):
            name = term["name"]
            if term["plain"] and term["plain"].endswith("*") and name in self.prefixed:
                made.append(Filter(self.prefixed[name], Op.PREFIX, term["plain"][:-1]))
                continue
            criterion = known.get(name)
            if criterion is None:
                raise _no_search(f"there is no {name} to search by")
            one = _condition(criterion, term, call.zone)
            if one is None:
                return None
            made += one
        return made

    def _order(self, text: str) -> tuple[str, bool]:
        """The newest first unless said otherwise."""
        first = next(iter(self.sorted_by))
        name = text.removeprefix("-").removeprefix("+") or first
        if name not in self.sorted_by:
            raise _no_search(f"there is no {name} to sort by")
        return self.sorted_by[name], not text or text.startswith("-")


def searched(name: str, shape: Shape) -> Shape:
    """The answer of such a list."""
    return Shape(
        name,
        Field("page", Integer(min=1, max=INT32_MAX)),
        Field("size", Integer(max=SIZE_MAX)),
        Field("count", Integer(max=SIZE_MAX), doc="How many are on this page."),
        Field("content", ListOf(shape)),
        Field("total_elements", Integer()),
        Field("total_pages", Integer()),
        optional("search", Text(max=SEARCH_MAX)),
        optional("sort", Text()),
    ).of_mapping()


def nothing_found(call: Call) -> Mapping[str, Any]:
    """The page of a list of what nobody has."""
    asked = call.query
    return {
        "page": asked.get("page") or 1,
        "size": asked.get("size") or SIZE_USUAL,
        "count": 0,
        "search": asked.get("search"),
        "sort": asked.get("sort"),
        "content": (),
        "total_elements": 0,
        "total_pages": 0,
    }


ANY_PAGE = Shape(
    "OldListQuery",
    Field("page", Integer(min=1, max=INT32_MAX), required=False, doc="Counted from 1.", default=1),
    Field(
        "size",
        Integer(min=1, max=SIZE_MAX),
        required=False,
        doc="How many on a page.",
        default=SIZE_USUAL,
    ),
    optional("search", Text(max=SEARCH_MAX), doc="Terms such as handle:cust-1 or email:anna*."),
    optional("sort", Text(), doc="A name; with a minus before it the other way round."),
)


def _terms(text: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    at = 0
    while text[at:].strip():
        term = _TERM.match(text, at)
        if term is None or len(found) == TERMS_MAX:
            raise _no_search(f"it is not understood from character {at + 1} on")
        found.append(term)
        at = term.end()
    return found


def _condition(criterion: Criterion, term: re.Match[str], zone: str) -> list[Filter] | None:
    said = term["quoted"] if term["quoted"] is not None else term["plain"]
    text = said if said is not None else f"{term['low']}..{term['high']}"
    read: Callable[[Any, str], Any] = criterion.kind.read_text
    try:
        if isinstance(criterion.kind, ListOf):
            value: Any = criterion.kind.read_texts([text], criterion.name)
        else:
            value = read(text, criterion.name)
        return conditions((criterion,), {criterion.name: value}, zone)
    except Invalid as error:
        raise _no_search(error.sentence) from error


def _no_search(why: str) -> Problem:
    return Problem(SEARCH_ERROR, f"The search cannot be made: {why}")
