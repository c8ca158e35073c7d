"""Webhooks beside the physical limit: `./kontor bench webhooks [--rounds N]`.

One dispatcher sends what waits for ten endpoints of one account: claimed under leases, signed
content sent through egress, answers recorded with their history. The limit posts the very same
bodies to the same receiver by a bare aiohttp loop and keeps nothing. A round runs ours, the limit
and the limit again in rotated order; ours each time on a fresh clone of one database. After each
round of ours every delivery must be completed and every call in its history.

A last row lets one endpoint of ten answer after three seconds: the others must not be slower.
"""

import argparse
import os
import statistics as figures
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import django
import psycopg

from bench.billing.measure import backend_seconds
from bench.delivery import sink
from bench.delivery.limit import post_all
from billing_platform.frontdoor.databases import clone_database, database_url, drop_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_platform.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from accounts.commands.open_account import NewAccount, open_organisation  # noqa: E402
from accounts.domain.details import Party, Terms  # noqa: E402
from customers.commands.create import create  # noqa: E402
from customers.domain.details import NewCustomer  # noqa: E402
from foundation import outbox, roles, statistics  # noqa: E402
from foundation.tenancy import tenant  # noqa: E402
from kernel.clock import wall_now  # noqa: E402
from webhooks.commands.change_settings import change_settings  # noqa: E402
from webhooks.commands.deliver import deliver  # noqa: E402
from webhooks.domain.settings import NewSettings  # noqa: E402

SEED, RUN = "bench_webhooks_seed", "bench_webhooks_run"
ENDPOINTS = 10
AT_ONCE = 100
FULL_SIZE = 10_000
RATIO_MIN, SLOWNESS_MAX = 0.5, 2.0
"""What must be reached at full size; less makes the command fail."""
FAST_END = """
SELECT extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (
    ORDER BY a.initiated_at + make_interval(secs => a.duration_ms / 1000.0)))
FROM webhooks_deliveryattempt AS a
JOIN webhooks_delivery AS d ON d.account_id = a.account_id AND d.id = a.delivery_id
JOIN webhooks_endpoint AS e ON e.account_id = d.account_id AND e.id = d.endpoint_id
WHERE e.url NOT LIKE '%/slow/%'
"""
CHECKS = {
    "every delivery is completed": """
        SELECT count(*) - %(expected)s FROM webhooks_delivery WHERE state = 'completed'""",
    "every call is in its history, once": """
        SELECT count(*) - %(expected)s FROM webhooks_deliveryattempt WHERE http_status = 200""",
}


@dataclass(frozen=True)
class Setting:
    """The server, the receiver, and how much is sent."""

    url: str
    port: int
    total: int

    def urls(self, *, slow: int) -> tuple[str, ...]:
        root = f"http://127.0.0.1:{self.port}"
        return tuple(
            f"{root}/{'slow' if number < slow else 'fast'}/{number}" for number in range(ENDPOINTS)
        )


@dataclass(frozen=True)
class Cost:
    """Seconds: of the wall, of this process's CPU, of the server's, until the fast were done."""

    wall: float
    python: float
    postgres: float
    fast: float


Measured: TypeAlias = Callable[[], Cost]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./kontor bench webhooks")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--deliveries", type=int, default=FULL_SIZE)
    given = parser.parse_args()
    settings.NUDGE = False
    settings.EGRESS_ALLOWED = frozenset({"127.0.0.1"})
    process, port = sink.start()
    setting = Setting(os.environ["KONTOR_TEST_SUPERUSER_URL"], port, given.deliveries)
    print(f"{setting.total} deliveries to {ENDPOINTS} endpoints; {given.rounds} rounds", flush=True)
    costs = _rounds(setting, given.rounds)
    account_id = _seed(setting, slow=1)
    slow = [_slow(setting, account_id, costs) for _ in range(given.rounds)]
    process.terminate()
    for name in (SEED, RUN):
        drop_database(setting.url, name)
    return _report(setting, costs, slow)


def _rounds(setting: Setting, rounds: int) -> dict[str, list[Cost]]:
    account_id = _seed(setting, slow=0)
    calls = _calls(setting)
    kinds: dict[str, Measured] = {
        "ours": lambda: _ours(setting, account_id),
        "limit": lambda: _limit(calls),
        "limit again": lambda: _limit(calls),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in kinds}
    for number in range(rounds):
        order = list(kinds)[number % 3 :] + list(kinds)[: number % 3]
        for name in order:
            cost = kinds[name]()
            costs[name].append(cost)
            print(f"round {number + 1} {name:12} {_line(cost, setting.total)}", flush=True)
    return costs


def _use(name: str) -> None:
    connections["default"].close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name


def _seed(setting: Setting, *, slow: int) -> UUID:
    """An account whose customers were all told of to all of its endpoints; nothing is sent yet."""
    clone_database(setting.url, SEED)
    _use(SEED)
    roles.refuse_open_walls()
    now = wall_now()
    first = NewAccount(handle="main", party=Party(name="Bench", country="DE"), terms=Terms())
    account_id = open_organisation(name="Bench", subdomain="bench", first=first, now=now)
    with tenant(account_id) as account:
        told = NewSettings(urls=setting.urls(slow=slow))
        change_settings(account=account, new=told, actor="bench", now=now)
        handles = (f"customer-{number}" for number in range(setting.total // ENDPOINTS))
        create(account=account, customers=[NewCustomer(each) for each in handles], now=now)
    outbox.drain(account_id, limit=1000)
    statistics.refresh()
    connections["default"].close()
    with psycopg.connect(database_url(setting.url, SEED), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return account_id


def _calls(setting: Setting) -> list[tuple[str, bytes]]:
    with psycopg.connect(database_url(setting.url, SEED)) as connection:
        rows = connection.execute(
            "SELECT e.url, d.content FROM webhooks_delivery AS d "
            "JOIN webhooks_endpoint AS e ON e.id = d.endpoint_id ORDER BY d.sequence"
        ).fetchall()
    return [(url, content.encode()) for url, content in rows]


def _run(setting: Setting, account_id: UUID, *, seconds: float) -> Cost:
    clone_database(setting.url, RUN, template=SEED)
    _use(RUN)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    server, cpu = backend_seconds(pid), time.process_time()
    begun, begun_at = time.perf_counter(), wall_now().timestamp()
    deliver(account_id, seconds=seconds)
    wall, python = time.perf_counter() - begun, time.process_time() - cpu
    with psycopg.connect(database_url(setting.url, RUN)) as connection:
        (fast,) = connection.execute(FAST_END).fetchone() or (0,)
    return Cost(wall, python, backend_seconds(pid) - server, float(fast) - begun_at)


def _ours(setting: Setting, account_id: UUID) -> Cost:
    cost = _run(setting, account_id, seconds=600)
    with psycopg.connect(database_url(setting.url, RUN)) as connection:
        for name, query in CHECKS.items():
            (fault,) = connection.execute(query, {"expected": setting.total}).fetchone() or (None,)
            assert fault == 0, f"after the run: {name}: off by {fault}"
    return cost


def _limit(calls: list[tuple[str, bytes]]) -> Cost:
    cpu, begun = time.process_time(), time.perf_counter()
    post_all(calls, at_once=AT_ONCE)
    return Cost(time.perf_counter() - begun, time.process_time() - cpu, 0.0, 0.0)


def _slow(setting: Setting, account_id: UUID, costs: dict[str, list[Cost]]) -> Cost:
    """One endpoint of ten hangs; the run lasts three times what it takes without, or as long as
    one slow answer."""
    usual = figures.median(each.wall for each in costs["ours"])
    cost = _run(setting, account_id, seconds=max(3 * usual, sink.SLOW_SECONDS))
    with psycopg.connect(database_url(setting.url, RUN)) as connection:
        (left,) = connection.execute(
            "SELECT count(*) FROM webhooks_delivery AS d JOIN webhooks_endpoint AS e "
            "ON e.id = d.endpoint_id WHERE e.url LIKE '%/fast/%' AND d.state <> 'completed'"
        ).fetchone() or (None,)
    assert left == 0, f"{left} deliveries to quick endpoints were not made in time"
    return cost


def _line(cost: Cost, count: int) -> str:
    python, postgres = (1e6 * each / count for each in (cost.python, cost.postgres))
    rate = count / cost.wall
    return (
        f"{rate:8.0f}/s  CPU per delivery: Python {python:4.0f} µs, PostgreSQL {postgres:4.0f} µs"
    )


def _report(setting: Setting, costs: dict[str, list[Cost]], slow: list[Cost]) -> int:
    rates = {name: [setting.total / each.wall for each in found] for name, found in costs.items()}
    for name, found in rates.items():
        middle = sorted(costs[name], key=lambda each: each.wall)[len(found) // 2]
        print(
            f"{name:12} median {figures.median(found):6.0f}/s "
            f"[{min(found):.0f} to {max(found):.0f}]  {_line(middle, setting.total)}"
        )
    ours, ceiling, again = (figures.median(found) for found in rates.values())
    print(f"A/A: the limit against itself {again / ceiling:.2f}")
    alone = figures.median(each.fast for each in costs["ours"])
    beside = figures.median(each.fast for each in slow)
    print(
        f"10 % slow endpoints: 99 % of the quick deliveries after {beside:.2f} s, "
        f"without slow ones after {alone:.2f} s, {beside / alone:.2f} times as long"
    )
    best = figures.median(rates["limit"] + rates["limit again"])
    print(f"webhooks ratio={ours / best:.2f} ours={ours:.0f}/s limit={best:.0f}/s")
    is_enough = ours >= RATIO_MIN * best and beside <= SLOWNESS_MAX * alone
    return 0 if is_enough or setting.total < FULL_SIZE else 1


if __name__ == "__main__":
    sys.exit(main())
