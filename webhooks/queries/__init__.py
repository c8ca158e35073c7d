"""Reads on settings, endpoints, public events and deliveries."""

import base64
import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Q

from accounts.models import Account
from foundation.tenancy import require
from kernel.errors import NotFound
from webhooks.domain.lifecycle import State
from webhooks.domain.settings import ALERT_COUNT_MIN
from webhooks.models import Delivery, DeliveryAttempt, Endpoint, Settings

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class SettingsFact:
    """What the account wants to be told; its repr keeps the secrets to itself."""

    urls: tuple[str, ...]
    is_disabled: bool
    secret: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    alert_emails: tuple[str, ...]
    alert_count: int
    event_types: tuple[str, ...]


def settings_of(account: Account) -> SettingsFact:
    """The settings as they are now; those of an account that never changed any are all empty."""
    row = Settings.objects.of(account).first() or Settings(alert_count=ALERT_COUNT_MIN)
    return SettingsFact(
        urls=tuple(listed(account).values_list("url", flat=True)),
        is_disabled=row.is_disabled,
        secret=secret_of(account, row.secret_salt),
        username=row.username,
        password=row.password,
        alert_emails=tuple(row.alert_emails),
        alert_count=row.alert_count,
        event_types=tuple(row.event_types),
    )


def secret_of(account: Account, salt: str) -> str:
    """The account's secret, made from the platform's key: no copy of the database gives it away."""
    told = f"webhook secret of {account.id.hex}: {salt}"
    made = hmac.new(settings.SECRET_KEY.encode(), told.encode(), hashlib.sha256).digest()
    return f"whsec_{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def listed(account: Account) -> "QuerySet[Endpoint]":
    """The endpoints of the settings, in their order."""
    return Endpoint.objects.of(account).exclude(position=None).order_by("position")


@dataclass(frozen=True, slots=True)
class EndpointFact:
    """An address and how it fares; one that is not listed is told only what it was sent once."""

    id: UUID
    url: str
    is_listed: bool
    failures: int
    failing_since: datetime | None
    rest_until: datetime | None
    alert_sent_at: datetime | None


def endpoint_facts(account: Account) -> list[EndpointFact]:
    """Every endpoint, those of the settings first and in their order."""
    rows = Endpoint.objects.of(account).order_by(F("position").asc(nulls_last=True), "url")
    return [
        EndpointFact(
            id=each.id,
            url=each.url,
            is_listed=each.position is not None,
            failures=each.failures,
            failing_since=each.failing_since,
            rest_until=each.rest_until,
            alert_sent_at=each.alert_sent_at,
        )
        for each in rows
    ]


@dataclass(frozen=True, slots=True)
class EventFact:
    """A public event with the handles of what it concerns."""

    id: UUID
    event_type: str
    created_at: datetime
    customer: str
    subscription: str | None
    invoice: str | None
    customer_id: UUID
    subscription_id: UUID | None
    invoice_id: UUID | None
    method_id: UUID | None
    attempt_id: UUID | None


EVENTS = """
SELECT e.id, e.event_type, e.created_at, c.handle, s.handle, i.handle,
       e.customer_id, e.subscription_id, e.invoice_id, e.method_id, e.attempt_id
FROM webhooks_event AS e
JOIN customers_customer AS c ON c.account_id = e.account_id AND c.id = e.customer_id
LEFT JOIN subscriptions_subscription AS s
    ON s.account_id = e.account_id AND s.id = e.subscription_id
LEFT JOIN invoicing_invoice AS i ON i.account_id = e.account_id AND i.id = e.invoice_id
WHERE e.account_id = %s AND e.id = ANY(%s)
ORDER BY e.id
"""


def events(account: Account, ids: Collection[UUID]) -> list[EventFact]:
    """Those of the events that the account has, in the order of their ids; one statement."""
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, [account.id, list(ids)])
        return [EventFact(*row) for row in cursor.fetchall()]


def event(account: Account, event_id: UUID) -> EventFact:
    """The event, or `NotFound`."""
    found = events(account, [event_id])
    if not found:
        raise NotFound("event", event_id.hex)
    return found[0]


@dataclass(frozen=True, slots=True)
class DeliveryFact:
    """A webhook as it stands; user name and password are its own, where it has any."""

    id: UUID
    event_id: UUID
    event_type: str
    customer_id: UUID
    state: State
    url: str
    content: str
    username: str
    password: str = field(repr=False)
    count: int
    created_at: datetime
    next_at: datetime | None
    first_fail_at: datetime | None
    last_fail_at: datetime | None
    success_at: datetime | None
    alert_count: int
    alert_sent_at: datetime | None


def deliveries(account: Account, id_: UUID) -> list[DeliveryFact]:
    """The webhook of that id, or all of the event of that id; `NotFound` if there is none."""
    named = Delivery.objects.of(account).filter(Q(id=id_) | Q(event_id=id_))
    found = delivery_facts(account, list(named.values_list("id", flat=True)))
    if not found:
        raise NotFound("webhook", id_.hex)
    return found


def delivery_facts(account: Account, ids: Collection[UUID]) -> list[DeliveryFact]:
    """Those of the deliveries that the account has, in their order."""
    alert_count = settings_of(account).alert_count
    rows = Delivery.objects.of(account).filter(id__in=ids).order_by("sequence")
    return [_delivery_fact(each, alert_count) for each in rows.select_related("event", "endpoint")]


def _delivery_fact(row: Delivery, alert_count: int) -> DeliveryFact:
    is_open = row.state in {State.PENDING, State.RETRYING}
    return DeliveryFact(
        id=row.id,
        event_id=row.event_id,
        event_type=row.event.event_type,
        customer_id=row.event.customer_id,
        state=State(row.state),
        url=row.endpoint.url,
        content=row.content,
        username=row.username,
        password=row.password,
        count=row.count,
        created_at=row.created_at,
        next_at=row.next_at if is_open else None,
        first_fail_at=row.first_fail_at,
        last_fail_at=row.last_fail_at,
        success_at=row.success_at,
        alert_count=alert_count,
        alert_sent_at=row.alert_sent_at,
    )


def delivery_counts(account: Account) -> dict[State, int]:
    """How many deliveries are in each state that any is in."""
    rows = Delivery.objects.of(account).values("state").annotate(n=Count("id"))
    return {State(state): n for state, n in rows.values_list("state", "n")}


@dataclass(frozen=True, slots=True)
class AttemptFact:
    """One call and what came back; without a status nothing did, and `content` says why."""

    id: UUID
    initiated_at: datetime
    duration_ms: int
    headers: str
    content: str
    http_status: int | None


def attempts_of(account: Account, delivery_id: UUID) -> list[AttemptFact]:
    """Every call made for the webhook, oldest first; `NotFound` if there is no such webhook."""
    if not Delivery.objects.of(account).filter(id=delivery_id).exists():
        raise NotFound("webhook", delivery_id.hex)
    rows = DeliveryAttempt.objects.of(account).filter(delivery_id=delivery_id).order_by("id")
    columns = ("id", "initiated_at", "duration_ms", "headers", "content", "http_status")
    return [AttemptFact(*row) for row in rows.values_list(*columns)]
