"""A world, an acquirer and the runners' orders, brought together to be tormented and judged."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connections

from billing_platform.frontdoor.databases import database_url
from kernel.clock import wall_now
from tests.payments.acquirer_process import SECRET, AcquirerProcess, free_port
from tests.torture.blows import Blows, Disturbances, Targets
from tests.torture.campaign import Figures, torment
from tests.torture.checks import Verdict, judge, lay_out
from tests.torture.ears import Ears
from tests.torture.plan import Life, fault_points, lives
from tests.torture.runner import Orders
from tests.torture.world import World, make_world

RUNNERS = 3
VALKEY_INDEX = 15
LIMIT_SECONDS = 600
BATCH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How far the clock moves, and what is done to the runners meanwhile."""

    months: int = 1
    kills: int = 0
    crashes: int = 0
    disturbances: Disturbances = Disturbances()  # noqa: RUF009


class Chamber:
    """Works in `database`, which the calling process has as its own default one."""

    def __init__(self, seed: int, database: str, directory: Path) -> None:
        self.seed, self.figures = seed, Figures()
        self.log = directory / "runners.log"
        self.superuser_url = database_url(os.environ["KONTOR_TEST_SUPERUSER_URL"], database)
        self.app_url = database_url(os.environ["KONTOR_APP_DATABASE_URL"], database)
        self.acquirer = AcquirerProcess(
            directory, hang_seconds=2, late_seconds=1, unknown_percent=5, seed=f"torture {seed}"
        )
        self.world: World
        self.orders: Orders
        self.ears: Ears

    def __enter__(self) -> Self:
        self.acquirer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ears.kill()
        self.acquirer.kill()

    def furnish(self, size: int, **orders: Any) -> None:
        """Make the world; `orders` are what the runners do differently."""
        self.world = make_world(size, seed=self.seed, gateway=self.acquirer.gateway())
        port = free_port()
        self.orders = replace(
            Orders(
                account_id=self.world.account_id,
                database_url=self.app_url,
                acquirer_url=self.acquirer.url,
                acquirer_secret=SECRET,
                valkey_url=_own_index(os.environ["REDIS_URL"]),
                callback_url=f"http://127.0.0.1:{port}/callbacks/simulated",
                log=self.log,
                batch=BATCH,
            ),
            **orders,
        )
        self.ears = Ears(self.orders, port)
        self.ears.begin()

    def go(self, number: int, planned: Round) -> Figures:
        """One round to its end."""
        self.world.move_on(planned.months)
        seed = f"{self.seed}/{number}"
        plan = lives(seed, slots=RUNNERS, kills=planned.kills, crashes=planned.crashes)
        return self.let_run(plan, planned.disturbances, seed)

    def let_run(
        self, plan: Sequence[Sequence[Life]], disturbances: Disturbances, seed: str
    ) -> Figures:
        """The runners with these lives, until they are through; only they are connected."""
        connections.close_all()
        targets = Targets(
            superuser_url=self.superuser_url,
            app_url=self.app_url,
            valkey_url=self.orders.valkey_url,
            acquirer=self.acquirer,
            ears=self.ears,
        )
        with Blows(targets, disturbances, seed) as blows:
            figures = torment(self.orders, plan, blows=blows, limit_seconds=LIMIT_SECONDS)
        self.figures.add(figures)
        return figures

    def verdicts(self) -> list[Verdict]:
        """After one calm sweep, every check, and whether the runners ended as we meant them to."""
        swept = wall_now()
        self.let_run([[]], Disturbances(flush_every=0), "calm")
        with psycopg.connect(self.superuser_url) as connection:
            lay_out(connection, self.world, self.acquirer.charges())
            found = judge(connection, self.world.account_id, swept=swept, log=self.log)
        return [
            Verdict("every runner came through, or died by our hand", self.figures.accidents),
            *found,
        ]


def _own_index(valkey_url: str) -> str:
    """What is emptied is ours alone, whoever else works with this server."""
    return urlunsplit(urlsplit(valkey_url)._replace(path=f"/{VALKEY_INDEX}"))


def long_round(number: int) -> Round:
    """Rounds of the long form in turn: random kills, every fault point over a backlog of two
    periods, cut connections and a dying acquirer, and all of it together."""
    points = len(fault_points())
    hard = Disturbances(flush_every=0.5, cut_every=0.3, acquirer_every=6, ears_every=3)
    return [
        Round(kills=40, disturbances=Disturbances(ears_every=3)),
        Round(months=2, crashes=2 * points),
        Round(kills=30, disturbances=hard),
        Round(months=2, kills=40, crashes=2 * points, disturbances=hard),
    ][(number - 1) % 4]
