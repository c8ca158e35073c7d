"""The API beside a bare server with the same SQL: `./kontor bench api [--rounds N]`.

Four requests: get a customer, list fifty, create a customer, create a subscription, which bills at
once. Each is done once in this process, and what it asked of the database is written down. Then a
real web process of ours answers requests like these on one clone of the database, and a bare one
that only replays what was written down on another. What counts is the CPU of the web processes for
each request, in rotated rounds; the limit against itself shows the noise.
"""

import argparse
import base64
import json
import os
import statistics as figures
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import django
import psycopg

from bench.web.serve import OURS, Browser, Server, environment, free_ports, served
from billing_platform.frontdoor.databases import clone_database, database_url, drop_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_platform.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.commands.api_keys import create_key  # noqa: E402
from accounts.commands.open_account import NewAccount, open_organisation  # noqa: E402
from accounts.domain.details import Party, Terms  # noqa: E402
from bench.web.record import STAGE, Recorded, keep, recording  # noqa: E402
from catalog.commands.create_plan import create_plan  # noqa: E402
from catalog.domain.terms import NewPlan  # noqa: E402
from customers.commands.create import create as create_customers  # noqa: E402
from customers.domain.details import Details, NewCustomer  # noqa: E402
from foundation.tenancy import tenant  # noqa: E402
from kernel.clock import wall_now  # noqa: E402
from kernel.money import Money  # noqa: E402
from subscriptions.commands.create import create as create_subscriptions  # noqa: E402
from subscriptions.domain.start import NewSubscription  # noqa: E402

SEED, RUN = "bench_api_seed", "bench_api_run"
REPLAY = "bench.web.replay:application"
CUSTOMERS, SUBSCRIBERS = 3000, 1000
THREADS, WARM = 4, 60
RATIO_MAX = 3.5
Made = Callable[[int], dict[str, Any]]


@dataclass(frozen=True)
class Request:
    """What is asked; `made` gives the body of the n-th such request, which writes."""

    name: str
    method: str
    path: Callable[[int], str]
    count: int
    made: Made | None = None

    @property
    def shown(self) -> str:
        return self.name.replace("_", " ")


REQUESTS = (
    Request("get_customer", "GET", lambda n: f"/v1/customer/customer-{n % CUSTOMERS}", 600),
    Request("list_50_customers", "GET", lambda _: "/v1/list/customer?size=50", 150),
    Request(
        "create_customer",
        "POST",
        lambda _: "/v1/customer",
        400,
        lambda n: {
            "handle": f"new-{n}",
            "email": f"new-{n}@customer.example",
            "first_name": "Anna",
            "last_name": f"Number {n}",
            "company": "Werkstatt",
            "city": "Berlin",
            "country": "DE",
        },
    ),
    Request(
        "create_subscription",
        "POST",
        lambda _: "/v1/subscription",
        300,
        lambda n: {
            "handle": f"sub-{n}",
            "plan": "plan",
            "customer": f"customer-{n + SUBSCRIBERS}",
            "signup_method": "email",
            "quantity": 3,
        },
    ),
)


@dataclass
class Cost:
    """Microseconds of CPU for each request, and requests a second, round by round."""

    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return figures.median(self.cpu)


Costs = dict[tuple[str, str], Cost]


@dataclass(frozen=True)
class Setting:
    """The server, the key of the account on it, and how much of each request is asked."""

    url: str
    key: str
    record: Path
    share: int

    def count(self, request: Request) -> int:
        return max(1, request.count * self.share // 100)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./kontor bench api")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--percent", type=int, default=100, help="of the requests of a round")
    given = parser.parse_args()
    settings.NUDGE, settings.API_LIMITS = False, {"read": (0, 0, 0), "write": (0, 0, 0)}
    url = os.environ["KONTOR_TEST_SUPERUSER_URL"]
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting(url, _seed(url), Path(folder) / "recorded", given.percent)
        _record(setting)
        kinds = {"ours": OURS, "limit": REPLAY, "limit again": REPLAY}
        costs: Costs = {(each.name, kind): Cost() for each in REQUESTS for kind in kinds}
        for number in range(given.rounds):
            for kind in list(kinds)[number % 3 :] + list(kinds)[: number % 3]:
                _measure(setting, kind, kinds[kind], costs)
            print(f"round {number + 1}", _row(costs, -1), flush=True)
    for name in (SEED, RUN):
        drop_database(url, name)
    return _report(costs)


def _use(name: str) -> None:
    connections["default"].close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name


def _seed(url: str) -> str:
    """An account in real time with customers, some of them subscribed; its key."""
    clone_database(url, SEED)
    _use(SEED)
    now = wall_now()
    party = Party(name="Merchant GmbH", country="DE", city="Berlin")
    account_id = open_organisation(
        name="Merchant",
        subdomain="merchant",
        first=NewAccount(handle="main", party=party, terms=Terms()),
        now=now,
    )
    with tenant(account_id) as account:
        new = NewPlan(handle="plan", name="Business plan", price=Money(4900, "EUR"))
        create_plan(account=account, new=new, actor="bench", now=now)
        key = create_key(account=account, name="bench", actor="bench", now=now).key
    for start in range(0, CUSTOMERS, SUBSCRIBERS):
        _customers(account_id, range(start, start + SUBSCRIBERS), is_subscribed=not start)
    connections["default"].close()
    with psycopg.connect(database_url(url, SEED), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return key


def _customers(account_id: UUID, numbers: range, *, is_subscribed: bool) -> None:
    now = wall_now()
    with tenant(account_id) as account:
        details = [
            Details(last_name=f"Number {n}", city="Berlin", email=f"c{n}@customer.example")
            for n in numbers
        ]
        new = [NewCustomer(f"customer-{n}", each) for n, each in zip(numbers, details, strict=True)]
        create_customers(account=account, customers=new, now=now)
        if is_subscribed:
            subscriptions = [
                NewSubscription(handle=f"old-{n}", customer=f"customer-{n}", plan="plan")
                for n in numbers
            ]
            create_subscriptions(account=account, subscriptions=subscriptions, now=now)


def _record(setting: Setting) -> None:
    """Each request of a round, done here on a clone that is thrown away; those that warm up too."""
    clone_database(setting.url, RUN, template=SEED)
    _use(RUN)
    client = Client(SERVER_NAME="localhost")
    recorded: dict[str, list[Recorded]] = {}
    stages: dict[str, None] = {}
    for request in REQUESTS:
        count = setting.count(request) + WARM
        # The first is for what a process does once; it makes the stages of its connection.
        first = _recorded(client, setting, request, count)
        stages |= dict.fromkeys(sql for _, sql, _ in first.steps if sql.startswith(STAGE))
        recorded[request.name] = [
            _recorded(client, setting, request, number) for number in range(count)
        ]
        print(f"{request.shown}: {len(recorded[request.name][-1].steps)} steps", flush=True)
    keep(setting.record, recorded, list(stages))
    connections["default"].close()


def _recorded(client: Client, setting: Setting, request: Request, number: int) -> Recorded:
    found = Recorded()
    with recording(found.steps):
        found.answer = _do(client, setting, request, number)
    return found


def _do(client: Client, setting: Setting, request: Request, number: int) -> bytes:
    headers = {"Authorization": _basic(setting.key)}
    if request.made is None:
        answer = client.get(request.path(number), headers=headers)
    else:
        body = request.made(number)
        answer = client.post(
            request.path(number), body, content_type="application/json", headers=headers
        )
    assert answer.status_code == 200, f"{request.name}: {answer.status_code} {answer.content!r}"
    return bytes(answer.content)


def _basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def _measure(setting: Setting, kind: str, application: str, costs: Costs) -> None:
    """A fresh clone, a fresh web process; each sort of request warmed up, then measured."""
    clone_database(setting.url, RUN, template=SEED)
    env = environment(database_url(os.environ["KONTOR_APP_DATABASE_URL"], RUN)) | {
        "KONTOR_API_UNLIMITED": "1",
        "BENCH_RECORD": str(setting.record),
    }
    (port,) = free_ports(1)
    with served(application, env=env, port=port) as server:
        for request in REQUESTS:
            count = setting.count(request)
            _ask(setting, server, request, range(count, count + WARM), is_ours=kind == "ours")
            before, begun = server.cpu_seconds(), time.perf_counter()
            _ask(setting, server, request, range(count), is_ours=kind == "ours")
            took, spent = time.perf_counter() - begun, server.cpu_seconds() - before
            costs[request.name, kind].cpu.append(spent * 1e6 / count)
            costs[request.name, kind].rate.append(count / took)


def _ask(
    setting: Setting, server: Server, request: Request, numbers: range, *, is_ours: bool
) -> None:
    """All these requests, over a few connections that are kept."""

    def share(first: int) -> None:
        browser = Browser(server.port, headers={"Authorization": _basic(setting.key)})
        for number in numbers[first::THREADS]:
            path = request.path(number) if is_ours else f"/{request.name}/{number}"
            body = json_of(request, number)
            answer = browser.ask(request.method, path, body, Content_Type="application/json")
            assert answer.status == 200, f"{path}: {answer.status} {answer.body!r}"

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(share, range(THREADS)))


def json_of(request: Request, number: int) -> bytes | None:
    """The body, as a program would send it."""
    return None if request.made is None else json.dumps(request.made(number)).encode()


def _row(costs: Costs, at: int) -> str:
    return "  ".join(
        f"{each.shown} {costs[each.name, 'ours'].cpu[at] / costs[each.name, 'limit'].cpu[at]:.2f}"
        for each in REQUESTS
    )


def _report(costs: Costs) -> int:
    print(f"{'':<22}{'ours':>12}{'limit':>12}{'ratio':>8}{'A/A':>7}{'ours':>9}{'limit':>9}")
    ratios = {}
    for each in REQUESTS:
        ours, limit, again = (costs[each.name, kind] for kind in ("ours", "limit", "limit again"))
        best = figures.median(limit.cpu + again.cpu)
        ratios[each.name] = ours.middle / best
        print(
            f"{each.shown:<22}{ours.middle:>9.0f} µs{best:>9.0f} µs{ratios[each.name]:>8.2f}"
            f"{again.middle / limit.middle:>7.2f}{figures.median(ours.rate):>7.0f}/s"
            f"{figures.median(limit.rate):>7.0f}/s"
        )
    worst = max(ratios.values())
    print("CPU of the web processes for each request; requests a second of the wall")
    mine, theirs = _each_once(costs, "ours"), _each_once(costs, "limit")
    print(f"api ratio={worst:.2f} ours={mine:.0f}/s limit={theirs:.0f}/s")
    return 0 if worst <= RATIO_MAX else 1


def _each_once(costs: Costs, kind: str) -> float:
    """Requests that one second of CPU pays for, of each sort as many."""
    return len(REQUESTS) * 1e6 / sum(costs[each.name, kind].middle for each in REQUESTS)


if __name__ == "__main__":
    sys.exit(main())
