"""Documents to files beside the bare layout engine: `./kontor bench pdf [--rounds N] [--each N]`.

Ours is what a first look costs: facts out of the database, the page, the pipe to the confined
renderer, layout, the file synced to disk, its digest recorded. The limit lays out the very same
pages in this process, with fonts and stylesheet kept warm, and throws the result away. A round
runs ours, the limit and the limit again in rotated order, over documents of one page; ours gets
new documents each time, because a stored one is never printed again. The last line counts.
"""

import argparse
import logging
import os
import statistics as figures
import sys
import time
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import django

from billing_platform.frontdoor.databases import clone_database, drop_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_platform.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from accounts.commands.open_account import NewAccount, open_organisation  # noqa: E402
from accounts.domain.details import Party, Terms  # noqa: E402
from customers.commands.create import create  # noqa: E402
from customers.domain.details import Details, NewCustomer  # noqa: E402
from customers.queries import by_handle  # noqa: E402
from foundation.renderer.layout import Layout  # noqa: E402
from foundation.tenancy import tenant  # noqa: E402
from invoicing.commands import render  # noqa: E402
from invoicing.commands.issue import issue  # noqa: E402
from invoicing.domain.draft import DraftLine, InvoiceDraft  # noqa: E402
from invoicing.domain.facts import DocumentFacts  # noqa: E402
from invoicing.domain.rendering import Pdf  # noqa: E402
from invoicing.paper import page  # noqa: E402
from invoicing.queries.documents import document_of  # noqa: E402
from kernel.clock import wall_now  # noqa: E402

NAME = "bench_pdf"
WARM = 3
PARTY = Party(
    name="Nordlicht Software GmbH",
    address="Speicherstraße 14",
    postal_code="20457",
    city="Hamburg",
    country="DE",
    vat_id="DE136695976",
    bank_iban="DE89370400440532013000",
    bank_bic="COBADEFFXXX",
)
Work = Callable[[list[DocumentFacts]], None]
BUYER = Details(company="Brandt OHG", address="Lange Reihe 7", postal_code="10115", city="Berlin")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./kontor bench pdf")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=40, help="documents a round")
    given = parser.parse_args()
    url = os.environ["KONTOR_TEST_SUPERUSER_URL"]
    clone_database(url, NAME)
    connections["default"].close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = NAME
    settings.NUDGE = False
    logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
    with TemporaryDirectory() as folder:
        settings.FILES = Path(folder)
        rates = _rounds(given.rounds, given.each)
    connections["default"].close()
    drop_database(url, NAME)
    return _report(rates)


def _rounds(rounds: int, each: int) -> dict[str, list[float]]:
    account_id = _account()
    layout = Layout()
    kinds: dict[str, Work] = {
        "ours": lambda facts: _ours(account_id, facts),
        "limit": lambda facts: _limit(layout, facts),
        "limit again": lambda facts: _limit(layout, facts),
    }
    for work in kinds.values():
        work(_documents(account_id, WARM))
    rates: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(rounds):
        facts = _documents(account_id, each)
        for name in [*list(kinds)[number % 3 :], *list(kinds)[: number % 3]]:
            begun = time.perf_counter()
            kinds[name](facts)
            rates[name].append(each / (time.perf_counter() - begun))
            print(f"round {number + 1} {name:12} {rates[name][-1]:6.1f}/s", flush=True)
    return rates


def _ours(account_id: UUID, documents: list[DocumentFacts]) -> None:
    for facts in documents:
        with tenant(account_id) as account:
            render.ensure_rendering(
                account=account, document_id=facts.id, asks_transfer=True, at=wall_now()
            )
        made = render.pdf_of(account_id, facts.id, now=wall_now())
        assert isinstance(made, Pdf), made


def _limit(layout: Layout, documents: list[DocumentFacts]) -> None:
    for facts in documents:
        html = page.for_print(facts, asks_transfer=True)
        assert layout.pdf(html=html, stylesheet=page.stylesheet(), assets={})


def _account() -> UUID:
    account_id = open_organisation(
        name="Bench",
        subdomain="bench",
        first=NewAccount(handle="main", party=PARTY, terms=Terms()),
        now=wall_now(),
    )
    with tenant(account_id) as account:
        create(account=account, customers=[NewCustomer("one", BUYER)], now=wall_now())
    return account_id


def _documents(account_id: UUID, count: int) -> list[DocumentFacts]:
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    texts = ("Team-Lizenz", "Zusätzlicher Speicher", "Support")
    vat = Fraction(19, 100)
    lines = tuple(
        DraftLine("plan", "thing", text, 2, 4900, 9800, False, vat, first, last)  # noqa: FBT003
        for text in texts
    )
    with tenant(account_id) as account:
        buyer = by_handle(account, "one")
        drafts = [
            InvoiceDraft(
                f"inv-{wall_now().timestamp()}-{at}",
                buyer.id,
                buyer.version_id,
                None,
                "EUR",
                lines,
                first,
                last,
            )
            for at in range(count)
        ]
        issued = issue(account=account, drafts=drafts, now=wall_now())
        return [document_of(account, each.id) for each in issued]


def _report(rates: dict[str, list[float]]) -> int:
    for name, found in rates.items():
        middle = figures.median(found)
        print(f"{name:12} median {middle:6.1f}/s [{min(found):.1f} to {max(found):.1f}]")
    ours, limit, again = (figures.median(found) for found in rates.values())
    print(f"A/A: the limit against itself {again / limit:.2f}")
    best = figures.median(rates["limit"] + rates["limit again"])
    print(f"pdf ratio={ours / best:.2f} ours={ours:.1f}/s limit={best:.1f}/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
