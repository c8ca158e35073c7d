"""The billing run beside the physical limit: `./kontor bench billing_run [--rounds N]`.

100,000 subscriptions due in 50 accounts, three lines each plus VAT, everything on: numbers,
ledger, outbox, row-level security, triggers. The limit copies the very same final rows into
tables LIKE … INCLUDING ALL with the same foreign keys, batches and commits, plus the one UPDATE.
Both use two processes; a round runs ours, the limit and the limit again in rotated order, each
on a fresh clone of one database. After each round of ours count, uniqueness, gaps and balance
are asserted.
"""

import argparse
import os
import statistics as figures
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import django
import psycopg

from bench.billing import limit
from bench.billing.measure import Cost, split, together
from billing_platform.frontdoor.databases import clone_database, database_url, drop_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_platform.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from bench.billing.seed import seed  # noqa: E402
from foundation import roles  # noqa: E402
from subscriptions.commands import drive  # noqa: E402

SEED, RUN = "bench_seed", "bench_run"
SMALL = 500
FULL_SIZE = 100_000
RATIO_MIN, GROWTH_MIN = 0.6, 0.8
"""What the run must reach at full size; less makes the command fail."""
CHECKS = {
    "an invoice for every subscription": """
        SELECT count(*) - %(expected)s FROM invoicing_invoice""",
    "no period billed twice": """
        SELECT count(*) - count(DISTINCT (subscription_id, index))
        FROM subscriptions_billingperiod""",
    "a document for every invoice, and only one": """
        SELECT count(*) FROM invoicing_invoice AS i WHERE 1 <> (
            SELECT count(*) FROM invoicing_document AS d
            WHERE d.account_id = i.account_id AND d.invoice_id = i.id)""",
    "numbers from 1 without a gap": """
        SELECT count(*) FROM (SELECT count(*) AS n, max(sequence) AS top, min(sequence) AS low
            FROM invoicing_document GROUP BY account_id, series, year) AS each
        WHERE n <> top OR low <> 1""",
    "every entry balances": """
        SELECT count(*) FROM (SELECT FROM ledger_journalposting
            GROUP BY account_id, entry_id, currency HAVING sum(amount_minor) <> 0) AS each""",
    "receivables are what the documents say": """
        SELECT (SELECT sum(gross_minor) FROM invoicing_document) -
            (SELECT sum(amount_minor) FROM ledger_journalposting
             WHERE ledger_account = 'receivable')""",
    "lines are what the documents say": """
        SELECT (SELECT sum(gross_minor) FROM invoicing_document) -
            (SELECT sum(gross_minor) FROM invoicing_documentline)""",
    "every fact is in the outbox": """
        SELECT count(*) - 2 * %(expected)s FROM foundation_outboxevent
        WHERE kind IN ('invoice.issued', 'subscription.renewed')""",
}


@dataclass(frozen=True)
class Setting:
    """The server, and how much is billed."""

    url: str
    accounts: int
    each: int

    @property
    def total(self) -> int:
        return self.accounts * self.each


def main() -> int:
    setting, rounds = _arguments()
    settings.NUDGE = False
    large, small = _seed(setting)
    _run_ours(setting, large)
    batches = limit.capture(database_url(setting.url, RUN))
    runs = limit.runs_of(database_url(setting.url, RUN))
    print(f"{setting.total} subscriptions in {len(batches)} batches; {rounds} rounds", flush=True)
    kinds: dict[str, Callable[[], Cost]] = {
        "ours": lambda: _ours(setting, large, setting.total),
        "limit": lambda: _limit(setting, batches, runs),
        "limit again": lambda: _limit(setting, batches, runs),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in kinds}
    for round_number in range(rounds):
        order = list(kinds)[round_number % 3 :] + list(kinds)[: round_number % 3]
        for name in order:
            cost = kinds[name]()
            costs[name].append(cost)
            print(f"round {round_number + 1} {name:12} {_line(cost, setting.total)}", flush=True)
    at_small = [_ours(setting, small, 2 * SMALL) for _ in range(rounds)]
    drop_database(setting.url, RUN)
    return _report(setting, costs, at_small)


def _arguments() -> tuple[Setting, int]:
    parser = argparse.ArgumentParser(prog="./kontor bench billing_run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--accounts", type=int, default=50)
    parser.add_argument("--each", type=int, default=2000, help="subscriptions an account")
    given = parser.parse_args()
    url = os.environ["KONTOR_TEST_SUPERUSER_URL"]
    return Setting(url, given.accounts, given.each), given.rounds


def _use(name: str) -> None:
    connections["default"].close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name


def _seed(setting: Setting) -> tuple[list[UUID], list[UUID]]:
    clone_database(setting.url, SEED)
    _use(SEED)
    roles.refuse_open_walls()
    ids = seed([setting.each] * setting.accounts + [SMALL, SMALL])
    connections["default"].close()
    with psycopg.connect(database_url(setting.url, SEED), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return ids[: setting.accounts], ids[setting.accounts :]


def _run_ours(setting: Setting, accounts: Sequence[UUID]) -> Cost:
    clone_database(setting.url, RUN, template=SEED)
    _use(RUN)

    def prepare(share: list[UUID]) -> tuple[int, Callable[[], None]]:
        connection = connections["default"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()

        def work() -> None:
            for account_id in share:
                assert drive.bill(account_id, batches=1_000_000).is_done

        return pid, work

    return together(split(accounts), prepare)


def _ours(setting: Setting, accounts: Sequence[UUID], expected: int) -> Cost:
    cost = _run_ours(setting, accounts)
    with psycopg.connect(database_url(setting.url, RUN)) as connection:
        for name, query in CHECKS.items():
            (fault,) = connection.execute(query, {"expected": expected}).fetchone() or (None,)
            assert fault == 0, f"after the run: {name}: off by {fault}"
    return cost


def _limit(setting: Setting, batches: list[limit.Batch], runs: bytes) -> Cost:
    clone_database(setting.url, RUN, template=SEED)
    limit.make_tables(database_url(setting.url, RUN), "bench_limit", runs)
    by_account = list(dict.fromkeys(each.account_id for each in batches))
    shares = [
        [each for each in batches if each.account_id in set(accounts)]
        for accounts in split(by_account)
    ]
    return together(shares, limit.prepared(setting.url, RUN, "bench_limit"))


def _line(cost: Cost, count: int) -> str:
    python, postgres = (1e6 * each / count for each in (cost.python, cost.postgres))
    rate = count / cost.wall
    return f"{rate:8.0f}/s  CPU per invoice: Python {python:4.0f} µs, PostgreSQL {postgres:4.0f} µs"


def _report(setting: Setting, costs: dict[str, list[Cost]], at_small: Sequence[Cost]) -> int:
    rates = {name: [setting.total / each.wall for each in found] for name, found in costs.items()}
    small = [2 * SMALL / each.wall for each in at_small]
    for name, found in rates.items():
        middle = sorted(costs[name], key=lambda each: each.wall)[len(found) // 2]
        print(
            f"{name:12} median {figures.median(found):6.0f}/s "
            f"[{min(found):.0f} to {max(found):.0f}]  {_line(middle, setting.total)}"
        )
    ours, ceiling, again = (figures.median(found) for found in rates.values())
    print(f"A/A: the limit against itself {again / ceiling:.2f}")
    print(
        f"growth: {ours:.0f}/s at {setting.total}, {figures.median(small):.0f}/s at {2 * SMALL}, "
        f"share {ours / figures.median(small):.2f}"
    )
    best = figures.median(rates["limit"] + rates["limit again"])
    print(f"billing_run ratio={ours / best:.2f} ours={ours:.0f}/s limit={best:.0f}/s")
    is_enough = ours >= RATIO_MIN * best and ours >= GROWTH_MIN * figures.median(small)
    return 0 if is_enough or setting.total < FULL_SIZE else 1


if __name__ == "__main__":
    sys.exit(main())
