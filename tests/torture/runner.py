"""One runner: drives an account's billing to its end, in a process that may die at any moment."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connections

from billing_platform.settings.database import parsed
from foundation import faultpoint, outbox
from foundation.tenancy import tenant
from payments import queries as payments
from payments.commands import collect
from subscriptions import queries
from subscriptions.commands import drive

REST_SECONDS = 0.05
LOCK = "FOR UPDATE SKIP LOCKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Where a runner works and how it is to die; `is_lockless` makes it the developer's mistake
    of reading what is due without locking it, `only_bills` leaves the money alone."""

    account_id: UUID
    database_url: str
    acquirer_url: str
    acquirer_secret: str
    valkey_url: str
    callback_url: str
    log: Path
    batch: int
    lease_seconds: int = 3
    faults: str = ""
    is_lockless: bool = False
    only_bills: bool = False


def run(orders: Orders) -> None:
    """Until nothing is left; what the database cuts off is begun again on a fresh connection.

    Whoever torments it may die too: a runner does not outlive its parent.
    """
    arrange(orders)
    parent, is_left = os.getppid(), True
    while is_left and os.getppid() == parent:
        close_old_connections()
        try:
            is_left = _turn(orders)
        except (OperationalError, InterfaceError):
            time.sleep(REST_SECONDS)


def _turn(orders: Orders) -> bool:
    """Everything that workers would do, once; whether something is left."""
    account_id = orders.account_id
    progress = drive.bill(account_id, batches=4)
    if orders.only_bills:
        return not progress.is_done
    done = outbox.drain(account_id, limit=20)
    done += collect.collect(account_id, batches=2)
    done += collect.look_up(account_id, limit=40)
    is_closed = drive.finish(account_id)
    with tenant(account_id) as account:
        left = outbox.pending_count(account)
        left += payments.waiting_count(account) + payments.unknown_count(account)
    if not (progress.renewed or done):
        time.sleep(REST_SECONDS)
    return bool(left) or not (progress.is_done and is_closed)


def arrange(orders: Orders) -> None:
    """This process was forked from one that had read another environment."""
    log = os.open(orders.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    connections["default"].settings_dict.update(parsed(orders.database_url))
    settings.ACQUIRER_URL, settings.ACQUIRER_SECRET = orders.acquirer_url, orders.acquirer_secret
    settings.GATEWAY_TIMEOUT_SECONDS = settings.LOOK_UP_AFTER_SECONDS = 1
    settings.ATTEMPT_LEASE_SECONDS = orders.lease_seconds
    settings.CALLBACK_URL = orders.callback_url
    current_app.conf["broker_url"] = orders.valkey_url
    drive.BATCH = orders.batch
    if orders.is_lockless:
        _forget_locks()
    faultpoint.arm(orders.faults)


def _forget_locks() -> None:
    for name in ("NAMED", "NEXT"):
        query = getattr(queries, name)
        assert LOCK in query, f"{name} locks in another way than this mistake knows"
        setattr(queries, name, query.replace(LOCK, ""))
