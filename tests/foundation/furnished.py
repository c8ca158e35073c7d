"""An account with at least one row in every table, and other ways into the test's database."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import psycopg
from django.apps import apps
from django.db import connections

from accounts.commands.api_keys import create_key
from accounts.models import Account
from catalog.commands.create_plan import create_add_on
from catalog.domain.terms import NewAddOn
from customers.commands.note import note
from foundation import audit, capabilities, idempotency, jobs, outbox
from foundation.egress import Reply
from foundation.tenancy import TenantModel, tenant
from invoicing.commands.render import ensure_rendering
from invoicing.models import Document, Invoice
from kernel.ids import new_id
from kernel.money import Money
from messaging.commands.queue import queue
from messaging.domain.kinds import Kind
from payments.commands import collect
from subscriptions.commands import drive
from subscriptions.domain.start import NewAddOnUse
from subscriptions.models import Subscription
from tests.factories import (
    NOON,
    give_card,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from webhooks.commands.change_settings import change_settings
from webhooks.commands.record import Answered, record
from webhooks.domain.settings import NewSettings
from webhooks.models import Delivery


def tenant_models() -> dict[str, type[TenantModel]]:
    """Every table of the accounts' closed worlds, by its name in the database."""
    return {
        each._meta.db_table: each for each in apps.get_models() if issubclass(each, TenantModel)
    }


def furnish() -> UUID:
    """A new account that has billed, collected and parked, with a row in every table."""
    account_id = make_account()
    with tenant(account_id) as account:
        told = NewSettings(urls=("https://shop.example/hook",))
        change_settings(account=account, new=told, actor="test", now=NOON)
        (customer_id,) = make_customers(account, "first")
        note(account=account, customer_id=customer_id, words="x", author=("", ""), now=NOON)
        make_plan(account, price=1990)
        add_on = NewAddOn(handle="extra", name="Extra", price=Money(500, "EUR"))
        create_add_on(account=account, new=add_on, actor="test", now=NOON)
        make_subscriptions(account, "first", add_ons=(NewAddOnUse("extra"),))
    give_card(account_id, customer_id)
    set_clock(account_id, "2026-02-01T00:00")
    drive.bill(account_id, batches=10)
    outbox.drain(account_id, limit=10)
    collect.collect(account_id, batches=10)
    outbox.drain(account_id, limit=10)
    with tenant(account_id) as account:
        _furnish_plumbing(account)
    return account_id


def _furnish_plumbing(account) -> None:
    create_key(account=account, name="shop", actor="test", now=NOON)
    audit.seal(account)
    jobs.take_lease(account=account, name="clock", owner="me", now=NOON, seconds=60)
    failure = jobs.Failure("broken", "It is broken.")
    jobs.park(account=account, kind="test", subject_id=new_id(), failure=failure, now=NOON)
    call = idempotency.Call(operation="test", key="one", body={})
    idempotency.once(account=account, call=call, work=lambda: {"done": True}, now=NOON)
    capabilities.mint(
        account=account,
        purpose="test",
        subjects=[("test", new_id())],
        now=NOON,
        lifetime=timedelta(days=1),
    )
    document = Document.objects.of(account)[0]
    ensure_rendering(account=account, document_id=document.id, asks_transfer=True, at=NOON)
    _furnish_mail(account)
    delivery = Delivery.objects.of(account).order_by("sequence")[0]
    reply = Answered(delivery.id, delivery.endpoint_id, NOON, Reply(status=200))
    record(account=account, answered=[reply], owner="", now=NOON)


def _furnish_mail(account) -> None:
    subscription = Subscription.objects.of(account).values_list("customer_id", "id")[0]
    (invoice_id,) = Invoice.objects.of(account).values_list("id", flat=True)[:1]
    customer_id, subscription_id = subscription
    mail = (new_id(), customer_id, invoice_id, subscription_id, "a@example.org", "en", "Hello")
    queue(account, Kind.INVOICE_RECEIPT, [mail], NOON)


class BrokenOff(Exception):
    """What goes wrong last in a transaction that is to leave nothing."""


@contextmanager
def broken_off(account_id: UUID) -> Iterator[Account]:
    """The account's transaction; it fails at its end."""
    with suppress(BrokenOff), tenant(account_id) as account:
        yield account
        raise BrokenOff


def wait_for(owner: psycopg.Connection[Any], waiting: int) -> None:
    """Returns when so many of the database's sessions wait for a lock."""
    question = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(500):
        # A transaction would see the same picture for ever.
        owner.execute("SELECT pg_stat_clear_snapshot()")
        if owner.execute(question).fetchone() == (waiting,):
            return
        time.sleep(0.01)
    raise AssertionError(f"{waiting} sessions should wait for a lock by now")


@contextmanager
def connected_as(url: str) -> Iterator[None]:
    """Let the application's code work over another connection: role, password and database."""
    parts = urlsplit(url)
    connection = connections["default"]
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
    }
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict |= {name: before[name] for name in ("NAME", "USER", "PASSWORD")}
