"""Tell facts to merchants' programs: public events, and a delivery for every endpoint."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from foundation import bulk, due, jobs
from foundation.faultpoint import faultpoint
from kernel.events import DomainEvent
from kernel.ids import new_ids
from webhooks import queries
from webhooks.domain.content import content, timestamp
from webhooks.domain.event_types import WIRE_NAMES
from webhooks.models import Delivery, Event
from webhooks.queries.telling import (
    InvoiceFact,
    Targets,
    invoices,
    lock_targets,
    method_customers,
)

DUE_KIND = "delivery"
EVENT = (
    "id",
    "event_type",
    "customer_id",
    "subscription_id",
    "invoice_id",
    "method_id",
    "attempt_id",
)
DELIVERY = ("id", "event_id", "endpoint_id", "lane", "content")


@dataclass(frozen=True, slots=True)
class _Told:
    """A fact that merchants are told, with the things it is about."""

    event_type: str
    customer_id: UUID | None
    subscription_id: UUID | None
    invoice_id: UUID | None
    method_id: UUID | None
    attempt_id: UUID | None

    @classmethod
    def of(cls, event_type: str, event: DomainEvent) -> "_Told":
        return cls(event_type, *(getattr(event, name, None) for name in EVENT[2:]))


def publish(
    *, account: Account, events: Sequence[DomainEvent], now: datetime, wall: datetime
) -> None:
    """Write down the facts among `events` that merchants are told, at `now` of the account's
    clock, and a signed delivery for each enabled endpoint, due at `wall`.

    One statement a table, however many they are; kinds that have no public name are left out.
    """
    told = [_Told.of(WIRE_NAMES[each.kind], each) for each in events if each.kind in WIRE_NAMES]
    if not told:
        return
    completed = _completed(account, told)
    ids = new_ids(len(completed))
    bulk.insert(Event, EVENT, _event_rows(ids, completed), same={"created_at": now})
    targets = lock_targets(account)
    if targets is not None:
        wanted = [
            id_ for id_, each in zip(ids, completed, strict=True) if targets.wants(each.event_type)
        ]
        _address(account, wanted, targets, wall)
    faultpoint("webhooks.published")


def _event_rows(ids: Sequence[UUID], told: Sequence[_Told]) -> Iterator[tuple[Any, ...]]:
    return (
        (
            id_,
            each.event_type,
            each.customer_id,
            each.subscription_id,
            each.invoice_id,
            each.method_id,
            each.attempt_id,
        )
        for id_, each in zip(ids, told, strict=True)
    )


def _completed(account: Account, told: Sequence[_Told]) -> list[_Told]:
    """What a fact leaves unsaid of its claim or its payment method; one statement for each."""
    settled = [
        each.invoice_id
        for each in told
        if each.invoice_id and (each.subscription_id is None or each.customer_id is None)
    ]
    claims = invoices(account, settled)
    nameless = [each.method_id for each in told if each.method_id and each.customer_id is None]
    customers = method_customers(account, nameless)
    return [_with_claim(_with_customer(each, customers), claims) for each in told]


def _with_customer(told: _Told, customers: Mapping[UUID, UUID]) -> _Told:
    if told.customer_id is not None or told.method_id is None:
        return told
    return replace(told, customer_id=customers.get(told.method_id))


def _with_claim(told: _Told, claims: Mapping[UUID, InvoiceFact]) -> _Told:
    claim = claims.get(told.invoice_id) if told.invoice_id else None
    if claim is None:
        return told
    return replace(
        told,
        customer_id=told.customer_id or claim.customer_id,
        subscription_id=told.subscription_id or claim.subscription_id,
        attempt_id=told.attempt_id or claim.attempt_id,
    )


def _address(account: Account, ids: Sequence[UUID], targets: Targets, wall: datetime) -> None:
    events = queries.events(account, ids)
    delivery_ids = iter(new_ids(len(events) * len(targets.endpoint_ids)))
    stamp = timestamp(wall)
    rows = [
        (id_, event.id, endpoint_id, event.customer_id, _text(id_, event, stamp, targets.secret))
        for event in events
        for endpoint_id in targets.endpoint_ids
        for id_ in (next(delivery_ids),)
    ]
    if not rows:
        return
    same = {"created_at": wall, "began_at": wall, "next_at": wall}
    bulk.insert(Delivery, DELIVERY, rows, same=same)
    wake(account=account, at=wall)


def _text(id_: UUID, event: queries.EventFact, stamp: str, secret: str) -> str:
    about = {
        "customer": event.customer,
        "payment_method": event.method_id and event.method_id.hex,
        "subscription": event.subscription,
        "invoice": event.invoice,
        "transaction": event.attempt_id and event.attempt_id.hex,
    }
    return content(
        webhook_id=id_.hex,
        event={"event_id": event.id.hex, "event_type": event.event_type},
        about={name: value for name, value in about.items() if value},
        at=stamp,
        secret=secret,
    )


def wake(*, account: Account, at: datetime) -> None:
    """Deliveries are due at `at`: on the due list, and by a nudge once this is committed."""
    account_id = account.id
    due.note(DUE_KIND, at)
    transaction.on_commit(lambda: jobs.nudge(DUE_KIND, account_id))
