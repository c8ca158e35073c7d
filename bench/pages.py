"""Every page of the dashboard on the demo world: `./kontor bench pages [--rounds N]`.

The world is built once; a person logs in to a real web process and asks for each page of both
merchants in turn, round after round. The limit is the same server answering with as many bytes
and doing nothing for them; CPU is what our web processes spent. Fails when the median of any page
takes 100 ms or longer.
"""

import argparse
import os
import statistics as figures
import sys
from dataclasses import dataclass, field
from urllib.parse import urlencode

import django
import psycopg

from bench.web.serve import BARE, OURS, Browser, Server, environment, free_ports, python, served
from billing_platform.frontdoor.databases import clone_database, database_url, drop_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_platform.settings")
django.setup()

from django.urls import reverse  # noqa: E402

from dashboard.urls import of_account  # noqa: E402
from operations.domain.demo_people import BOTH, PEOPLE, password  # noqa: E402

WORLD = "bench_pages"
ACCOUNT = "demo"
LIMIT_MS = 100.0
EXAMPLES = {
    "customer": "SELECT c.handle FROM customers_customer AS c JOIN invoicing_invoice AS i "
    "ON i.account_id = c.account_id AND i.customer_id = c.id WHERE c.account_id = %s "
    "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
    "subscription": "SELECT handle FROM subscriptions_subscription WHERE account_id = %s "
    "ORDER BY period_count DESC, handle LIMIT 1",
    "invoice": "SELECT handle FROM invoicing_invoice WHERE account_id = %s "
    "ORDER BY created_at DESC, handle LIMIT 1",
    "run": "SELECT run_id FROM subscriptions_billingperiod WHERE account_id = %s "
    "AND run_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "plan": "SELECT handle FROM catalog_plan WHERE account_id = %s ORDER BY handle LIMIT 1",
    "mail": "SELECT id FROM messaging_mail WHERE account_id = %s ORDER BY created_at DESC LIMIT 1",
}
"""The thing to look at for each page that shows one: where there is a choice, the largest."""
SAME_AS = {"invoice_page": "invoice", "mail_body": "mail"}
NOT_MEASURED = {
    "invoice_pdf": "a file, made once by a process of its own: `./kontor bench pdf`",
    "mail_part": "a file of a mail",
    "delivery": "the demo world tells nobody anything by webhook",
    "logo": "a picture, and the demo world's merchants have none",
}


@dataclass
class Page:
    """An address of ours with how long each look at it took, here and with the bare server."""

    path: str
    size: int = 0
    ours: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return figures.median(self.ours)

    @property
    def is_slow(self) -> bool:
        return self.median >= LIMIT_MS


def main() -> int:
    parser = argparse.ArgumentParser(prog="./kontor bench pages")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--percent", type=int, default=100, help="of the demo world's subscribers")
    parser.add_argument("--months", type=int, default=25, help="of its history")
    given = parser.parse_args()
    superuser = os.environ["KONTOR_TEST_SUPERUSER_URL"]
    clone_database(superuser, WORLD)
    env = environment(database_url(os.environ["KONTOR_APP_DATABASE_URL"], WORLD))
    size = ("--percent", str(given.percent), "--months", str(given.months))
    python("manage.py", "demo", *size, env=env)
    with psycopg.connect(database_url(superuser, WORLD), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        pages = [page for each in BOTH for page in _pages(connection, each)]
    ours, limit = free_ports(2)
    with served(OURS, env=env, port=ours) as server, served(BARE, env=env, port=limit):
        _look(pages, server, Browser(limit), given.rounds)
    drop_database(superuser, WORLD)
    return _report(pages)


def _pages(connection: psycopg.Connection, subdomain: str) -> list[Page]:
    """Every page of the account in the table of addresses; a new one must be named above."""
    row = connection.execute(
        "SELECT account_id FROM accounts_accountroute WHERE (subdomain, handle) = (%s, %s)",
        [subdomain, ACCOUNT],
    ).fetchone()
    assert row, f"there is no {subdomain}/{ACCOUNT}"
    found = [Page("/status")] if subdomain == BOTH[0] else []
    for pattern in of_account:
        name = str(pattern.name)
        if name in NOT_MEASURED:
            continue
        arguments = [subdomain, ACCOUNT]
        if pattern.pattern.converters:
            example = connection.execute(EXAMPLES[SAME_AS.get(name, name)], [row[0]]).fetchone()
            assert example, f"the demo world of {subdomain} has no {name}"
            arguments.append(str(example[0]))
        found.append(Page(reverse(f"dashboard:{name}", args=arguments)))
    return found


def _logged_in(port: int) -> Browser:
    browser = Browser(port)
    form = browser.ask("GET", "/login")
    assert form.status == 200, form.status
    secret = password(os.environ["KONTOR_SECRET_KEY"])
    said = {"email": PEOPLE[0].email, "password": secret}
    token = form.body.decode().partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    answer = browser.ask(
        "POST",
        "/login",
        urlencode(said | {"csrfmiddlewaretoken": token}).encode(),
        Content_Type="application/x-www-form-urlencoded",
        Origin=f"http://127.0.0.1:{port}",
    )
    assert answer.status == 302, f"could not log in: {answer.status}"
    return browser


def _look(pages: list[Page], server: Server, bare: Browser, rounds: int) -> None:
    browser = _logged_in(server.port)
    for each in pages:
        answer = browser.ask("GET", each.path)
        assert answer.status == 200, f"{each.path} answers {answer.status}"
        each.size = len(answer.body)
    for number in range(rounds):
        for each in pages[number % len(pages) :] + pages[: number % len(pages)]:
            before = server.cpu_seconds()
            answer = browser.ask("GET", each.path)
            each.cpu.append((server.cpu_seconds() - before) * 1000)
            assert answer.status == 200, f"{each.path} answers {answer.status}"
            each.ours.append(answer.milliseconds)
            each.limit.append(bare.ask("GET", f"/{each.size}").milliseconds)


def _report(pages: list[Page]) -> int:
    print(f"{'page':<60} {'bytes':>8} {'median':>9} {'p95':>9} {'CPU':>8} {'limit':>8}")
    for each in sorted(pages, key=lambda page: page.median):
        last = figures.quantiles(each.ours, n=20)[-1] if len(each.ours) > 1 else each.ours[0]
        bare, cpu = figures.median(each.limit), figures.median(each.cpu)
        print(
            f"{each.path:<60} {each.size:>8} {each.median:>6.1f} ms {last:>6.1f} ms "
            f"{cpu:>5.1f} ms {bare:>5.1f} ms{'  TOO SLOW' if each.is_slow else ''}"
        )
    for name, why in NOT_MEASURED.items():
        print(f"{name} is not measured: {why}")
    slow = [each for each in pages if each.is_slow]
    middle = figures.median(each.median for each in pages)
    limit = figures.median(figures.median(each.limit) for each in pages)
    print(
        f"{len(pages)} pages, the slowest {max(each.median for each in pages):.1f} ms, "
        f"{len(slow)} at {LIMIT_MS:.0f} ms or longer"
    )
    print(f"pages ratio={limit / middle:.2f} ours={middle:.1f}ms limit={limit:.1f}ms")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
