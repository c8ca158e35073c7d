"""Lists as they are now: a window of time, filters, and a token for the page that follows."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core import signing

from accounts.models import Account
from api.v1.durations import MONTH, Duration
from api.v1.errors import Problem
from api.v1.filters import Criterion, conditions
from foundation.listing import Asked, Filter, Listing, Op, Row
from foundation.listing import page as page_of
from foundation.wire.kinds import Choice, Instant, Integer, ListOf, LocalTime, Text
from foundation.wire.refusals import malformed
from foundation.wire.shapes import Field, Shape, optional
from foundation.wire.times import When, when
from foundation.wire.views import Call
from kernel.errors import Invalid, KontorError
from kernel.moments import FIRST_YEAR

Load = Callable[[Account, Sequence[Row]], Iterable[Any]]
"""From the rows of a page, in their order, to what the shape writes."""

SIZE_MIN, SIZE_USUAL, SIZE_MAX = 10, 20, 100
FROM_AFTER_TO = 23
TOKEN_MAX = 2000
_INSTANT_AFTER = timedelta(milliseconds=1)
_EARLIER = re.compile(r"[01][0-9]{3}-?[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Since(LocalTime):
    """The beginning of a window; one before our time, as those say who want all, is its first."""

    def read(self, value: Any, path: str) -> When:
        if type(value) is str and _EARLIER.match(value):
            when(f"{FIRST_YEAR}{value[4:]}", path)
            return When(f"{FIRST_YEAR}-01-01")
        return LocalTime.read(self, value, path)


@dataclass(frozen=True, kw_only=True)
class CurrentList:
    """A list under `/v1/list/`. `ranges` says which moments it can be cut by, the first unless
    asked otherwise; `columns` are what `load` needs of a row beside its id."""

    name: str
    shape: Shape
    listing: Listing
    load: Load
    ranges: Mapping[str, str] = field(default_factory=lambda: {"created": "created_at"})
    criteria: tuple[Criterion, ...] = ()
    columns: tuple[str, ...] = ()
    answer: Shape = field(init=False)
    query: Shape = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "answer", self._answer())
        object.__setattr__(self, "query", self._query())

    def page(self, call: Call) -> Mapping[str, Any]:
        """The page that the call asks for."""
        asked = call.query
        ranged = asked.get("range") or next(iter(self.ranges))
        place = self._place(call)
        since, until = (place.since, place.until) if place else _window(call)
        found = conditions(self.criteria, asked, call.zone)
        rows: Sequence[Row] = ()
        after = None
        if found is not None:
            by = self.ranges[ranged]
            found += [Filter(by, Op.FROM, since), Filter(by, Op.BEFORE, until)]
            wanted = Asked(
                filters=tuple(found),
                order_by=by,
                after=place.cursor if place else None,
                size=asked.get("size") or SIZE_USUAL,
                columns=(by, *self.columns),
            )
            page = page_of(call.account, self.listing, wanted)
            rows, after = page.rows, page.next
        return {
            "size": asked.get("size") or SIZE_USUAL,
            "count": len(rows),
            "to": until,
            "from": since,
            "range": ranged,
            "content": self.load(call.account, rows) if rows else (),
            "next_page_token": self._token(call, _Place(since, until, after)) if after else None,
        }

    def _answer(self) -> Shape:
        return Shape(
            self.name,
            Field("size", Integer(), doc="The size asked for."),
            Field("count", Integer(), doc="How many are on this page."),
            Field("to", Instant(), doc="The end of the window, exclusive."),
            Field("from", Instant(), doc="The beginning of the window, inclusive."),
            Field("content", ListOf(self.shape), doc="The newest first."),
            Field("range", Choice(*self.ranges), doc="What the window is about."),
            optional("next_page_token", Text(max=TOKEN_MAX), doc="Absent on the last page."),
        ).of_mapping()

    def _query(self) -> Shape:
        return Shape(
            f"{self.name}Query",
            optional("from", Since(), doc="Beginning of the window, inclusive."),
            optional("to", LocalTime(), doc="End of the window, exclusive; unless given, now."),
            optional("interval", Duration(), doc="Length of the window, instead of its beginning."),
            Field(
                "size",
                Integer(min=SIZE_MIN, max=SIZE_MAX),
                required=False,
                doc="How many on a page.",
                default=SIZE_USUAL,
            ),
            optional(
                "next_page_token",
                Text(max=TOKEN_MAX),
                doc="From the page before; repeat all other parameters with it.",
            ),
            Field(
                "range",
                Choice(*self.ranges),
                required=False,
                doc="Which moment the window is about; the newest come first.",
                default=next(iter(self.ranges)),
            ),
            *(each.field for each in self.criteria),
        )

    def _token(self, call: Call, place: "_Place") -> str:
        said = [self._asked(call), place.since.isoformat(), place.until.isoformat(), place.cursor]
        return _signer().sign_object(said)

    def _place(self, call: Call) -> "_Place | None":
        token = call.query.get("next_page_token")
        if not token:
            return None
        try:
            asked, since, until, cursor = _signer().unsign_object(token)
        except (signing.BadSignature, ValueError, TypeError, RecursionError) as error:
            raise _other_list() from error
        if asked != self._asked(call):
            raise _other_list()
        return _Place(datetime.fromisoformat(since), datetime.fromisoformat(until), cursor)

    def _asked(self, call: Call) -> str:
        """The account, the list and all parameters but the token, as one short text."""
        rest = {name: each for name, each in call.query.items() if name != "next_page_token"}
        text = f"{call.account_id} {self.name} {sorted(rest.items())!r}"
        return hashlib.sha256(text.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class _Place:
    since: datetime
    until: datetime
    cursor: str | None


def _window(call: Call) -> tuple[datetime, datetime]:
    """From and to, as asked; unless asked, the month that ends with this instant."""
    asked, zone = call.query, call.zone
    until = asked["to"].moment(zone) if "to" in asked else call.now + _INSTANT_AFTER
    if "from" in asked:
        since = asked["from"].moment(zone)
    else:
        try:
            since = asked.get("interval", MONTH).before(until, zone)
        except (KontorError, OverflowError) as error:
            raise malformed("interval", "a duration within the calendar") from error
    if since > until:
        raise Problem(FROM_AFTER_TO, "The window ends before it begins.")
    return since, until


def _signer() -> signing.Signer:
    return signing.Signer(salt="v1.list")


def _other_list() -> Invalid:
    return malformed("next_page_token", "one that this list gave for the same parameters")
