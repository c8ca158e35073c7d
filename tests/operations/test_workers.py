"""Workers keep out of an account while somebody moves its clock."""

import importlib

import pytest
from django.core.management import CommandError, call_command, get_commands

from foundation import due, jobs, outbox, roles
from foundation.roles import OpenWall
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import Conflict
from operations.commands.bill import bill_all, bill_customer
from operations.commands.work_off import Standing
from operations.management import operator_command
from operations.management.operator_command import OperatorCommand
from subscriptions.commands import drive
from subscriptions.tasks import bill
from tests.factories import set_clock
from tests.operations.ready import ready_account, runs_of

WITHOUT_ACCOUNTS = {"print_lifecycles": "reads the code's tables, and no database"}


@pytest.fixture
def moving():
    """An account with work, whose clock somebody is moving."""
    account_id = ready_account("one", card=None)
    set_clock(account_id, "2026-02-01")
    with tenant(account_id) as account:
        jobs.take_lease(
            account=account, name=jobs.CLOCK_LEASE, owner="mover", now=wall_now(), seconds=60
        )
    return account_id


def give_back(account_id):
    with tenant(account_id) as account:
        jobs.drop_lease(account=account, name=jobs.CLOCK_LEASE, owner="mover")


def test_a_billing_task_leaves_the_account_alone_until_the_lease_is_given_back(moving):
    bill(str(moving))
    assert runs_of(moving) == []

    give_back(moving)
    bill(str(moving))
    assert len(runs_of(moving)) == 1


TASKS = [
    "foundation.tasks.run_dispatches",
    "invoicing.tasks.render",
    "messaging.tasks.send_mails",
    "payments.tasks.perform_attempts",
    "payments.tasks.look_up_attempts",
    "subscriptions.tasks.bill",
    "subscriptions.tasks.close_run",
    "webhooks.tasks.deliver",
]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_of_the_due_list_leaves_the_account_alone(moving, task, settings):
    assert task in settings.DUE_TASKS.values()
    drive.bill(moving, batches=10)
    before = everything_about(moving)
    module, _, name = task.rpartition(".")

    getattr(importlib.import_module(module), name)(str(moving))

    assert everything_about(moving) == before


def everything_about(account_id):
    with tenant(account_id) as account:
        pending = outbox.pending_count(account)
    kinds = ("dispatch", "attempt", "run", "look_up", "renewal", "mail", "render", "delivery")
    return pending, [due.next_at(account_id, [each]) for each in kinds], len(runs_of(account_id))


def test_every_task_of_the_due_list_is_among_those_tested(settings):
    assert set(settings.DUE_TASKS.values()) == set(TASKS)


def test_billing_by_hand_leaves_the_account_alone_too(moving):
    assert bill_all([moving]) == {moving: Standing.BUSY}
    with pytest.raises(Conflict, match="being worked on by somebody else"):
        bill_customer(moving, "one", by="test")
    assert runs_of(moving) == []


def test_every_command_refuses_to_start_while_a_wall_is_open(monkeypatch):
    ours = {name for name, app in get_commands().items() if app == "operations"}
    ours -= WITHOUT_ACCOUNTS.keys()
    assert {"advance", "bill", "import_telco", "runs"} <= ours

    def open_wall():
        raise OpenWall("The account walls do not stand: no policy on invoices")

    monkeypatch.setattr(operator_command, "refuse_open_walls", open_wall)
    for name in ours:
        module = importlib.import_module(f"operations.management.commands.{name}")
        assert issubclass(module.Command, OperatorCommand), name
        assert "handle" not in vars(module.Command), name
    with pytest.raises(CommandError, match="no policy on invoices"):
        call_command("runs")


def test_the_walls_stand_here():
    roles.refuse_open_walls()
