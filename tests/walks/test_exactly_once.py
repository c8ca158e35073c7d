"""Runners die anywhere, any number of times, and still everything is done exactly once.

The long form is `./kontor torture`. The last two tests take guards away, to see that this torture
would tell, and which guard holds when another is forgotten.
"""

from contextlib import contextmanager

import psycopg
from django.db import connections

from billing_platform.frontdoor.databases import clone_database, database_url, drop_database
from tests.torture.blows import Disturbances
from tests.torture.chamber import RUNNERS, Chamber, Round
from tests.torture.plan import Life, fault_points, lives

SEED = 7
ALL_READ_BEFORE_ANY_WRITES = [[Life(faults="subscriptions.locked:1:sleep=2")]] * RUNNERS
BILLED_ONCE = "every period of every subscription is billed, and once"


@contextmanager
def chamber_of_its_own(superuser_url, database, tmp_path, *, without=()):
    """A chamber in a fresh database that lacks these constraints."""
    name = f"{database}_guards"
    clone_database(superuser_url, name)
    with psycopg.connect(database_url(superuser_url, name), autocommit=True) as server:
        for table, constraint in without:
            server.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    settings = connections["default"].settings_dict
    connections.close_all()
    settings["NAME"] = name
    try:
        with Chamber(SEED, name, tmp_path) as chamber:
            yield chamber
    finally:
        connections.close_all()
        settings["NAME"] = database
        drop_database(superuser_url, name)


def at_fault(verdicts):
    return {each.title: list(each.faults) for each in verdicts if each.faults}


def test_runners_that_die_anywhere_bill_collect_and_book_everything_exactly_once(
    database, tmp_path
):
    with Chamber(SEED, database, tmp_path) as chamber:
        chamber.furnish(60, batch=4)
        chamber.go(1, Round(kills=6, crashes=len(fault_points())))
        chamber.go(
            2,
            Round(
                months=2,
                kills=6,
                disturbances=Disturbances(flush_every=0.5, cut_every=0.3, ears_every=2, lasting=8),
            ),
        )

        assert at_fault(chamber.verdicts()) == {}
        assert chamber.figures.killed >= 6
        assert len(chamber.figures.crashed) >= 8
        assert chamber.figures.blows["cut"]
        assert chamber.figures.blows["flush"]
        assert chamber.figures.blows["ears"]
        assert chamber.acquirer.summary()["callbacks"]["delivered"] > 30


def test_the_torture_tells_when_nothing_keeps_a_period_from_being_billed_twice(
    superuser_url, database, tmp_path
):
    guards = [
        ("subscriptions_billingperiod", "billing_period_once"),
        ("invoicing_invoice", "invoice_handle"),
    ]
    with chamber_of_its_own(superuser_url, database, tmp_path, without=guards) as chamber:
        chamber.furnish(10, is_lockless=True, only_bills=True)
        chamber.world.move_on(1)
        chamber.let_run(ALL_READ_BEFORE_ANY_WRITES, Disturbances(), "guards")

        found = at_fault(chamber.verdicts())

    assert len(found[BILLED_ONCE]) == 10
    assert found["every claim came to one end: paid, declined, or nothing to draw it from"]


def test_the_database_refuses_a_second_period_to_runners_that_forget_to_lock(
    superuser_url, database, tmp_path
):
    with chamber_of_its_own(superuser_url, database, tmp_path) as chamber:
        chamber.furnish(10, is_lockless=True, only_bills=True)
        chamber.world.move_on(1)
        chamber.let_run(ALL_READ_BEFORE_ANY_WRITES, Disturbances(), "guards")

        found = at_fault(chamber.verdicts())

    assert BILLED_ONCE not in found
    assert any("UniqueViolation" in each for each in found["no work failed on the way"])


def test_the_plan_of_a_seed_is_always_the_same_and_meets_every_fault_point():
    points = fault_points()
    plan = lives("1/2", slots=RUNNERS, kills=5, crashes=len(points))

    assert plan == lives("1/2", slots=RUNNERS, kills=5, crashes=len(points))
    faults = [each.faults.partition(":")[0] for slot in plan for each in slot if each.faults]
    assert sorted(faults) == list(points)
