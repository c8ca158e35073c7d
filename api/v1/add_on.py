"""Add-ons: what may come with a plan."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import path

from accounts.models import Account
from api.v1.base import View
from api.v1.filters import exact, number, prefix, texts, truth
from api.v1.lists import CurrentList
from api.v1.old_lists import OldList
from api.v1.selections import same_for_all
from catalog import queries
from catalog.listings import ADD_ONS
from catalog.models import AddOn
from foundation.listing import Row
from foundation.wire.kinds import INT32_MAX, Boolean, Choice, Instant, Integer, Rate, Text, handle
from foundation.wire.shapes import Field, Shape, optional
from foundation.wire.views import Call, operation

STATES = ("active", "deleted")
TYPES = ("quantity", "on_off")
BY_QUANTITY = TYPES[0]

ADD_ON = Shape(
    "AddOn",
    Field("name", Text(), doc="Stands on the lines of invoices."),
    Field("amount", Integer(min=0, max=INT32_MAX), "amount_minor", doc="For one, minor units."),
    Field("type", Choice(*TYPES), lambda _: BY_QUANTITY, doc="quantity: any number of it."),
    Field("handle", handle(), doc="Your own id of the add-on."),
    Field("state", Choice(*STATES), lambda _: "active"),
    Field("created", Instant(), "created_at"),
    optional("vat", Rate(), doc="Unless given, the account's own rate counts."),
    optional("currency", Text(max=3), doc="ISO 4217."),
    optional("amount_incl_vat", Boolean(), doc="The amount is gross."),
    optional("all_plans", Boolean(), lambda _: True, doc="It goes with every plan."),
    doc="A priced extra, billed with every period.",
)


def _load(account: Account, rows: Sequence[Row]) -> Iterable[AddOn]:
    return queries.add_ons_of(account, [row["id"] for row in rows])


NAMED = (
    exact("handle"),
    exact("name"),
    same_for_all("state", "active", others=STATES[1:]),
    same_for_all("type", BY_QUANTITY, others=TYPES[1:]),
    number("amount", "amount_minor"),
    truth("amount_incl_vat"),
    texts("currency"),
)
LIST = CurrentList(
    name="AddOnList",
    shape=ADD_ON,
    listing=ADD_ONS,
    load=_load,
    criteria=(
        *NAMED,
        prefix("handle_prefix", "handle"),
        same_for_all("all_plans", "true", "1", others=("false", "0")),
    ),
)
OLD_LIST = OldList(
    name="AddOnSearch",
    shape=ADD_ON,
    listing=ADD_ONS,
    load=_load,
    searched=NAMED,
    prefixed={"handle": "handle", "name": "name"},
    sorted_by={"created": "created_at", "handle": "handle"},
)


class AddOns(View):
    @operation("List add-ons (old form)", OLD_LIST.answer, query=OLD_LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        return OLD_LIST.page(call)


class AddOnList(View):
    @operation("List add-ons", LIST.answer, query=LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        return LIST.page(call)


class OneAddOn(View):
    @operation("Get an add-on", ADD_ON)
    def get(self, call: Call, handle: str) -> AddOn:
        return queries.add_ons(call.account, [handle])[handle]


urls = [
    path("add_on", AddOns.as_view()),
    path("add_on/<handle:handle>", OneAddOn.as_view()),
    path("list/add_on", AddOnList.as_view()),
]
