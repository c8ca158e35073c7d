"""Every lifecycle of the walk: what its table does not say is refused, by the code and by the
database alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

import psycopg
import pytest

from accounts.queries import business_now
from customers.events import CustomerCreated
from foundation.tenancy import tenant
from invoicing.commands.render import ensure_rendering
from invoicing.domain import lifecycle as invoicing
from invoicing.domain import rendering
from invoicing.models import Document, Invoice, Rendering
from kernel.errors import TransitionRefused
from kernel.ids import new_id
from kernel.lifecycle import finals, reachable, step
from messaging.commands.queue import queue
from messaging.domain import lifecycle as messaging
from messaging.domain.kinds import Kind
from messaging.models import Mail
from payments.commands.add_methods import NewMethod, add_methods
from payments.commands.request_attempts import request_attempts
from payments.domain import lifecycle as payments
from payments.gateways.port import StoredCard
from payments.models import PaymentAttempt
from subscriptions.commands import runs
from subscriptions.domain import lifecycle as subscriptions
from subscriptions.models import BillingRun, Subscription
from tests.factories import (
    NOON,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from webhooks.commands.change_settings import change_settings
from webhooks.commands.publish import publish
from webhooks.domain import lifecycle as webhooks
from webhooks.domain.settings import NewSettings
from webhooks.models import Delivery


@dataclass(frozen=True)
class Life:
    """A table, where it begins and ends, and what the database must be told beside the state."""

    table: Mapping[tuple[Any, Any], Any]
    states: type[StrEnum]
    acts: type[StrEnum]
    start: StrEnum
    ends: frozenset[StrEnum]


LIVES = {
    "subscriptions_subscription": Life(
        subscriptions.TABLE,
        subscriptions.State,
        subscriptions.Act,
        subscriptions.State.ACTIVE,
        frozenset({subscriptions.State.EXPIRED}),
    ),
    "subscriptions_billingrun": Life(
        subscriptions.RUN_TABLE,
        subscriptions.RunState,
        subscriptions.RunAct,
        subscriptions.RunState.BILLING,
        frozenset({subscriptions.RunState.CLOSED}),
    ),
    "invoicing_invoice": Life(
        invoicing.TABLE,
        invoicing.State,
        invoicing.Act,
        invoicing.State.CREATED,
        frozenset({invoicing.State.SETTLED}),
    ),
    "payments_paymentattempt": Life(
        payments.TABLE,
        payments.State,
        payments.Act,
        payments.State.REQUESTED,
        frozenset(
            {
                payments.State.SUCCEEDED,
                payments.State.SOFT_DECLINED,
                payments.State.HARD_DECLINED,
            }
        ),
    ),
    "payments_paymentmethod": Life(
        payments.METHOD_TABLE,
        payments.MethodState,
        payments.MethodAct,
        payments.MethodState.ACTIVE,
        frozenset(),
    ),
    "invoicing_rendering": Life(
        rendering.RENDER_TABLE,
        rendering.RenderState,
        rendering.RenderAct,
        rendering.RenderState.WAITING,
        frozenset({rendering.RenderState.READY}),
    ),
    "messaging_mail": Life(
        messaging.TABLE,
        messaging.State,
        messaging.Act,
        messaging.State.QUEUED,
        frozenset({messaging.State.SENT, messaging.State.KEPT, messaging.State.FAILED}),
    ),
    "webhooks_delivery": Life(
        webhooks.TABLE,
        webhooks.State,
        webhooks.Act,
        webhooks.State.PENDING,
        frozenset(),
    ),
}
lives = pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)


@lives
def test_every_state_and_act_is_in_the_table_or_refused(life):
    for state, act in product(life.states, life.acts):
        if (state, act) in life.table:
            assert step(life.table, state, act) is life.table[state, act]
        else:
            with pytest.raises(TransitionRefused):
                step(life.table, state, act)


@lives
def test_every_state_is_reached_and_every_act_is_used(life):
    assert reachable(life.table, life.start) == frozenset(life.states)
    assert {act for _, act in life.table} == set(life.acts)


@lives
def test_it_ends_where_it_should_and_nowhere_else(life):
    assert finals(life.table) == life.ends


def test_money_is_drawn_only_where_a_claim_can_be_settled():
    settleable = {state for state, act in invoicing.TABLE if act is invoicing.Act.SETTLE} - {
        invoicing.State.CREATED
    }

    assert settleable == invoicing.COLLECTABLE


def test_an_attempt_is_busy_until_it_has_ended():
    assert frozenset(payments.State) - finals(payments.TABLE) == payments.BUSY


@pytest.fixture(scope="module")
def rows():
    """One row of each table, made by its command."""
    account_id = make_account()
    with tenant(account_id) as account:
        (customer_id,) = make_customers(account, "one")
        make_plan(account)
        make_subscriptions(account, "one", start="2026-01-15")
        make_customers(account, "two")
        make_subscriptions(account, "two")
        card = StoredCard(token="t", brand="visa", masked_number="411111XXXXXX1111", expiry="1239")
        add_methods(account=account, methods=[NewMethod(customer_id, card)], now=NOON)
        request_attempts(
            account=account,
            invoice_ids=list(Invoice.objects.of(account).values_list("id", flat=True)),
            now=NOON,
        )
    set_clock(account_id, "2026-02-01")
    with tenant(account_id) as account:
        runs.open_or_join(account=account, now=business_now(account))
        mail = (new_id(), customer_id, None, None, "one@example.org", "en", "Hello")
        queue(account, Kind.INVOICE_RECEIPT, [mail], NOON)
        document = Document.objects.of(account)[0]
        ensure_rendering(account=account, document_id=document.id, asks_transfer=True, at=NOON)
        told = NewSettings(urls=("https://shop.example/hook",))
        change_settings(account=account, new=told, actor="test", now=NOON)
        publish(
            account=account,
            events=[CustomerCreated(customer_id=customer_id)],
            now=NOON,
            wall=NOON,
        )
        models = (Subscription, BillingRun, Invoice, PaymentAttempt, Rendering, Mail, Delivery)
        return {
            each._meta.db_table: each.objects.of(account).values("id")[0]["id"] for each in models
        }


BESIDE = {
    "messaging_mail": ", digest = repeat('0', 64)",
    "subscriptions_subscription": ", due_at = NULL",
    "subscriptions_billingrun": ", sheet = '{}'",
}
ARRIVING = {("invoicing_rendering", "ready"): ", digest = repeat('0', 64)"}
"""What a row must have in a state, and comes with it."""
GUARDED = [
    pytest.param(table, old, new, id=f"{table.split('_')[1]}: {old} to {new}")
    for table, life in LIVES.items()
    if table != "payments_paymentmethod"
    for old, new in product(life.states, life.states)
    if old != new
]


@pytest.mark.parametrize(("table", "old", "new"), GUARDED)
def test_the_database_lets_even_a_superuser_go_only_the_ways_of_the_table(
    owner, rows, table, old, new
):
    life = LIVES[table]
    is_known = new in {to for (state, _), to in life.table.items() if state == old}

    with owner.transaction(force_rollback=True):
        owner.execute("SET LOCAL session_replication_role = replica")
        owner.execute(
            f"UPDATE {table} SET state = %s{BESIDE.get(table, '')}"
            f"{ARRIVING.get((table, old), '')} WHERE id = %s",
            [old, rows[table]],
        )
        owner.execute("SET LOCAL session_replication_role = origin")
        arriving = ARRIVING.get((table, new), "")
        change = (f"UPDATE {table} SET state = %s{arriving} WHERE id = %s", [new, rows[table]])
        if is_known:
            assert owner.execute(*change).rowcount == 1
        else:
            with pytest.raises(psycopg.errors.RestrictViolation, match=f"from {old} to {new}"):
                owner.execute(*change)
