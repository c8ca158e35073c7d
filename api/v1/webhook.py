"""Webhooks: what was sent, what came back, and where they go."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import path

from accounts.models import Account
from api.v1.base import View
from api.v1.filters import Criterion, choice
from api.v1.lists import CurrentList
from api.v1.selections import any_of, identified
from foundation.listing import Asked, Filter, Op, Row, page
from foundation.wire.kinds import Boolean, Choice, Instant, Integer, ListOf, LocalTime, Text
from foundation.wire.shapes import Field, Given, Shape, optional
from foundation.wire.views import Call, operation
from kernel.clock import wall_now
from kernel.errors import NotFound
from webhooks import listings, queries
from webhooks.commands.change_settings import change_settings, new_secret
from webhooks.commands.resend import AT_ONCE_MAX, Target, disable, resend, update
from webhooks.domain.lifecycle import State
from webhooks.domain.settings import (
    ALERT_COUNT_MAX,
    ALERT_COUNT_MIN,
    EMAILS_MAX,
    URL_LENGTH_MAX,
    URLS_MAX,
    NewSettings,
)
from webhooks.queries import AttemptFact, DeliveryFact, SettingsFact

CONTENT_MAX = 1_000_000
SIZE_USUAL, SIZE_MAX = 10, 100
STATES: Mapping[str, State] = {
    "pending": State.PENDING,
    "retrying": State.RETRYING,
    "disabled": State.DISABLED,
    "failed": State.FAILED,
    "completed": State.COMPLETED,
}
TO_WIRE = {ours: wire for wire, ours in STATES.items()}

WEBHOOK = Shape(
    "Webhook",
    Field("id", Text(max=32), lambda it: it.id.hex),
    Field("event", Text(max=32), lambda it: it.event_id.hex, doc="The event's id."),
    Field("state", Choice(*STATES), lambda it: TO_WIRE[it.state]),
    Field("url", Text(max=URL_LENGTH_MAX), "url"),
    Field("content", Text(max=CONTENT_MAX), "content", doc="The JSON that is sent, as a text."),
    Field("created", Instant(), "created_at"),
    Field("count", Integer(), "count", doc="Calls so far."),
    optional("username", Text(), lambda it: it.username or None),
    optional("password", Text(), lambda it: it.password or None),
    optional("success", Instant(), "success_at"),
    optional("first_fail", Instant(), "first_fail_at"),
    optional("last_fail", Instant(), "last_fail_at"),
    optional("alert_count", Integer(), "alert_count", doc="Failures before somebody is told."),
    optional("alert_sent", Instant(), "alert_sent_at"),
    doc="One event on its way to one address.",
)
REQUEST = Shape(
    "WebhookRequest",
    Field("id", Text(max=32), lambda it: it.id.hex),
    Field("initiated", Instant(), "initiated_at"),
    Field("duration", Integer(), "duration_ms", doc="In milliseconds."),
    optional("headers", Text(max=CONTENT_MAX), "headers"),
    optional("content", Text(max=CONTENT_MAX), "content", doc="What came back, or why nothing."),
    optional("http_status", Integer(), "http_status"),
    doc="One call of a webhook.",
)
SETTINGS = Shape(
    "WebhookSettings",
    Field("urls", ListOf(Text(max=URL_LENGTH_MAX)), "urls", doc="Each gets every event."),
    Field("disabled", Boolean(), "is_disabled"),
    Field("secret", Text(), "secret", doc="What webhooks are signed with."),
    optional("username", Text(), lambda it: it.username or None, doc="Of HTTP Basic."),
    optional("password", Text(), lambda it: it.password or None),
    optional("alert_emails", ListOf(Text()), "alert_emails"),
    optional("alert_count", Integer(min=ALERT_COUNT_MIN), "alert_count"),
    optional("event_types", ListOf(Text()), "event_types", doc="All of them when empty."),
)
UPDATE_SETTINGS = Shape(
    "UpdateWebhookSettings",
    Field("urls", ListOf(Text(max=URL_LENGTH_MAX), max=URLS_MAX)),
    Field("disabled", Boolean()),
    optional("username", Text()),
    optional("password", Text()),
    optional("alert_emails", ListOf(Text(), max=EMAILS_MAX)),
    optional("alert_count", Integer(min=ALERT_COUNT_MIN, max=ALERT_COUNT_MAX)),
    optional("event_types", ListOf(Text(), max=100)),
    doc="What is left out is cleared.",
)
NAMED = Field("webhooks", ListOf(Text(), max=AT_ONCE_MAX), doc="Ids of webhooks or of events.")
RESEND = Shape("WebhookResendRequest", NAMED)
DISABLE = Shape("WebhookDisableRequest", NAMED)
UPDATE = Shape(
    "WebhookUpdateRequest",
    NAMED,
    Field("url", Text(min=1, max=URL_LENGTH_MAX), doc="Where they go instead."),
    optional("username", Text()),
    optional("password", Text()),
)
QUERY = Shape(
    "WebhookQuery",
    Field("created_before", LocalTime(), doc="Exclusive."),
    optional("created_after", LocalTime(), doc="Inclusive."),
    optional("state", Choice(*STATES)),
    optional("event", Text(), doc="An event's id."),
    Field("size", Integer(min=1, max=SIZE_MAX), required=False, default=SIZE_USUAL),
)


def load(account: Account, rows: Sequence[Row]) -> Iterable[DeliveryFact]:
    """In the order of the rows."""
    found = {each.id: each for each in queries.delivery_facts(account, [row["id"] for row in rows])}
    return [found[row["id"]] for row in rows]


def of_event(text: str) -> Filter:
    return Filter("event_id", Op.ANY, any_of(identified(text)))


LIST = CurrentList(
    name="WebhookList",
    shape=WEBHOOK,
    listing=listings.DELIVERIES,
    load=load,
    criteria=(
        choice("state", STATES),
        Criterion("event", Text(), lambda text, _: [of_event(text)]),
    ),
)


class WebhookSettings(View):
    @operation("Get the webhook settings", SETTINGS)
    def get(self, call: Call) -> SettingsFact:
        return queries.settings_of(call.account)

    @operation("Change the webhook settings", SETTINGS, body=UPDATE_SETTINGS)
    def put(self, call: Call) -> SettingsFact:
        given = call.body
        new = NewSettings(
            urls=tuple(given["urls"]),
            is_disabled=given["disabled"],
            username=given.get("username") or "",
            password=given.get("password") or "",
            alert_emails=tuple(given.get("alert_emails") or ()),
            alert_count=given.get("alert_count") or ALERT_COUNT_MIN,
            event_types=tuple(given.get("event_types") or ()),
        )
        change_settings(account=call.account, new=new, actor=call.actor, now=wall_now())
        return queries.settings_of(call.account)


class Secret(View):
    @operation("Make a new secret", SETTINGS, doc="What is still to be sent is signed anew.")
    def post(self, call: Call) -> SettingsFact:
        new_secret(account=call.account, actor=call.actor, now=wall_now())
        return queries.settings_of(call.account)


class Webhooks(View):
    @operation("List webhooks of a time", ListOf(WEBHOOK), query=QUERY)
    def get(self, call: Call) -> Iterable[DeliveryFact]:
        asked = call.query
        wanted = [Filter("created_at", Op.BEFORE, asked["created_before"].moment(call.zone))]
        if "created_after" in asked:
            wanted.append(Filter("created_at", Op.FROM, asked["created_after"].moment(call.zone)))
        if asked.get("state"):
            wanted.append(Filter("state", Op.IS, STATES[asked["state"]].value))
        if asked.get("event"):
            wanted.append(of_event(asked["event"]))
        size = asked.get("size") or SIZE_USUAL
        found = page(
            call.account,
            listings.DELIVERIES,
            Asked(filters=tuple(wanted), size=size, columns=("created_at",)),
        )
        return load(call.account, found.rows)


class WebhookList(View):
    @operation("List webhooks", LIST.answer, query=LIST.query)
    def get(self, call: Call) -> Mapping[str, Any]:
        """Webhooks live in real time, also where the account has a clock of its own."""
        call.known_now = wall_now()
        return LIST.page(call)


class Resend(View):
    @operation("Send webhooks again", ListOf(WEBHOOK), body=RESEND)
    def post(self, call: Call) -> list[DeliveryFact]:
        ids = resend(account=call.account, ids=named(call.body), actor=call.actor, now=wall_now())
        return queries.delivery_facts(call.account, ids)


class Disable(View):
    @operation("Send webhooks no more", ListOf(WEBHOOK), body=DISABLE)
    def post(self, call: Call) -> list[DeliveryFact]:
        ids = disable(account=call.account, ids=named(call.body), actor=call.actor, now=wall_now())
        return queries.delivery_facts(call.account, ids)


class Update(View):
    @operation("Send webhooks to another address", ListOf(WEBHOOK), body=UPDATE)
    def post(self, call: Call) -> list[DeliveryFact]:
        given = call.body
        ids = update(
            account=call.account,
            ids=named(given),
            target=Target(given["url"], given.get("username") or "", given.get("password") or ""),
            actor=call.actor,
            now=wall_now(),
        )
        return queries.delivery_facts(call.account, ids)


def named(given: Given) -> list[UUID]:
    """The ids in the body; what can be none is as unknown as any other."""
    return [one(text) for text in given["webhooks"]]


def one(text: str) -> UUID:
    found = identified(text)
    if found is None:
        raise NotFound("webhook", text)
    return found


class OneWebhook(View):
    @operation("Get a webhook", ListOf(WEBHOOK), doc="By its id, or all of an event by its id.")
    def get(self, call: Call, webhook: str) -> list[DeliveryFact]:
        return queries.deliveries(call.account, one(webhook))


class Requests(View):
    @operation("Get the calls of a webhook", ListOf(REQUEST))
    def get(self, call: Call, webhook: str) -> list[AttemptFact]:
        return queries.attempts_of(call.account, one(webhook))


urls = [
    path("account/webhook_settings", WebhookSettings.as_view()),
    path("account/webhook_settings/secret", Secret.as_view()),
    path("webhook", Webhooks.as_view()),
    path("webhook/resend", Resend.as_view()),
    path("webhook/disable", Disable.as_view()),
    path("webhook/update", Update.as_view()),
    path("webhook/<handle:webhook>", OneWebhook.as_view()),
    path("webhook/<handle:webhook>/request", Requests.as_view()),
    path("list/webhook", WebhookList.as_view()),
]
