"""What has happened, as it is told to the outside."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.urls import path

from api.v1.base import View
from api.v1.errors import Problem
from api.v1.selections import any_of, identified
from foundation.listing import Asked, Filter, Op, page
from foundation.wire.kinds import Choice, Instant, Integer, ListOf, Text, handle
from foundation.wire.shapes import Field, Shape, optional
from foundation.wire.views import Call, operation
from invoicing.queries.claims import id_of as invoice_id_of
from kernel.errors import NotFound
from webhooks import listings, queries
from webhooks.domain.event_types import EVENT_TYPES
from webhooks.queries import EventFact

SIZE_USUAL, SIZE_MAX = 10, 100
PAGE_MAX = 10_000_000
REACH, STEP = 100_000, 1000
SEARCH_ERROR = 50

EVENT = Shape(
    "Event",
    Field("id", Text(max=32), lambda it: it.id.hex),
    Field("created", Instant(), "created_at"),
    Field("event_type", Choice(*EVENT_TYPES), "event_type"),
    optional("customer", handle(), "customer", doc="The customer's handle."),
    optional("subscription", handle(), "subscription", doc="The subscription's handle."),
    optional("invoice", Text(max=32), lambda it: it.invoice_id and it.invoice_id.hex),
    doc="Something that has happened.",
)
EVENTS = Shape(
    "EventList",
    Field("page", Integer(min=1, max=PAGE_MAX)),
    Field("size", Integer()),
    Field("count", Integer(), doc="How many are on this page."),
    Field("content", ListOf(EVENT), doc="The newest first."),
).of_mapping()
QUERY = Shape(
    "EventListQuery",
    Field("page", Integer(min=1, max=PAGE_MAX), required=False, default=1),
    Field("size", Integer(min=1, max=SIZE_MAX), required=False, default=SIZE_USUAL),
    optional("customer", Text(), doc="A customer's handle."),
    optional("subscription", Text(), doc="A subscription's handle."),
    optional("invoice", Text(), doc="An invoice's handle or id."),
)


class Events(View):
    @operation("List events", EVENTS, query=QUERY)
    def get(self, call: Call) -> Mapping[str, Any]:
        asked = call.query
        number, size = asked.get("page") or 1, asked.get("size") or SIZE_USUAL
        found = _page(call, number, size)
        return {"page": number, "size": size, "count": len(found), "content": found}


def _page(call: Call, number: int, size: int) -> list[EventFact]:
    """The way to a later page is made in long steps of keys alone."""
    skipped = (number - 1) * size
    if skipped > REACH:
        raise Problem(SEARCH_ERROR, f"This list reaches {REACH} far: name what you look for.")
    wanted = Asked(filters=_filters(call), size=size, columns=("created_at",))
    while skipped:
        passed = page(call.account, listings.EVENTS, replace(wanted, size=min(skipped, STEP)))
        if passed.next is None:
            return []
        wanted, skipped = replace(wanted, after=passed.next), skipped - len(passed.rows)
    rows = page(call.account, listings.EVENTS, wanted).rows
    by_id = {each.id: each for each in queries.events(call.account, [row["id"] for row in rows])}
    return [by_id[row["id"]] for row in rows]


def _filters(call: Call) -> tuple[Filter, ...]:
    made = [
        Filter(name, Op.IS, call.query[name])
        for name in ("customer", "subscription")
        if call.query.get(name)
    ]
    if call.query.get("invoice"):
        made.append(Filter("invoice_id", Op.ANY, _invoices(call)))
    return tuple(made)


def _invoices(call: Call) -> tuple[Any, ...]:
    try:
        return (invoice_id_of(call.account, call.query["invoice"]),)
    except NotFound:
        return ()


class OneEvent(View):
    @operation("Get an event", EVENT)
    def get(self, call: Call, event: str) -> EventFact:
        found = any_of(identified(event))
        if not found:
            raise NotFound("event", event)
        return queries.event(call.account, *found)


urls = [
    path("event", Events.as_view()),
    path("event/<handle:event>", OneEvent.as_view()),
]
