"""The demo world, lived through by the engine."""

from dataclasses import replace
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command

from accounts.commands.log_in import prove_identity
from accounts.queries import account_of_key, places_of, route_of
from billing_platform.frontdoor.databases import database_url
from foundation.queries import parked
from foundation.tenancy import tenant
from kernel.clock import wall_now
from operations.commands.demo_world import build
from operations.demo_proof import problems, totals
from operations.domain.demo_merchants import LYNGKASSEN, ZETTELFALKE
from operations.domain.demo_people import PEOPLE, password
from subscriptions import queries
from subscriptions.commands.runs import sheet_of

pytestmark = [pytest.mark.usefixtures("acquirer"), pytest.mark.filterwarnings("default")]

SLOW = 240
"""Seconds for a build on a machine that has much else to do."""
SLIP_SOON = ZETTELFALKE.slips[0]._replace(days_before_end=35)


def small(merchant, subdomain, **changes):
    return replace(merchant, subdomain=subdomain, **changes)


def lived(merchant, *, months=1, percent=25):
    return build(merchant, wall_now(), months=months, percent=percent)


def test_every_book_agrees_to_the_cent_and_every_run_is_even():
    account_id = lived(small(ZETTELFALKE, "zf-even", slips=(SLIP_SOON,)))

    with tenant(account_id) as account:
        assert problems(account) == []
        sums = totals(account)
        assert sums.claims > 5
        assert sums.billed == sums.collected + sums.open > 0
        sheets = [sheet_of(account, each.id) for each in queries.runs(account, 100)]
        assert sheets
        assert all(each.is_even for each in sheets)


def test_what_nobody_could_bill_is_parked_and_holds_nobody_else_up():
    account_id = lived(small(ZETTELFALKE, "zf-slip", slips=(SLIP_SOON,)))

    with tenant(account_id) as account:
        (waiting,) = parked(account)
        assert waiting.sentence == (
            "Invoice inv-1-K-19990: its total is more than an amount can hold."
        )
        assert waiting.subject_id == queries.by_handle(account, "K-19990").id
        assert queries.open_run(account) is None


def test_its_clock_stands_where_it_was_opened_and_built_again_nothing_changes():
    merchant = small(LYNGKASSEN, "lk-again")
    account_id = lived(merchant)
    with tenant(account_id) as account:
        before = (totals(account), account.clock_at)
        assert account.clock_at == account.created_at.replace(second=0, microsecond=0)

    assert lived(merchant) == account_id

    with tenant(account_id) as account:
        assert (totals(account), account.clock_at) == before


def test_interrupted_on_any_day_it_goes_on_and_nothing_is_missing_or_double():
    expected = totals_of(lived(small(LYNGKASSEN, "lk-whole")))
    broken_off = small(LYNGKASSEN, "lk-parts")

    for place in (2, 4):
        with pytest.raises(KeyboardInterrupt):
            build(broken_off, wall_now(), months=1, percent=25, on_day=_stopper(place))
    found = totals_of(lived(broken_off))

    assert (found.customers, found.claims, found.billed) == (
        expected.customers,
        expected.claims,
        expected.billed,
    )


def totals_of(account_id):
    with tenant(account_id) as account:
        return totals(account)


def _stopper(place):
    heard = []

    def hear(account_id, at):
        heard.append(at)
        if len(heard) == place:
            raise KeyboardInterrupt

    return hear


def test_a_killed_build_goes_on_at_once(kontor, elsewhere, superuser_url):
    """The word itself ends with the proof of the books, and with 1 when they disagree."""
    words = ("demo", "--only", "lyngkassen", "--months", "1", "--percent", "10")
    killed = kontor(*words, faults="advance.moved:4:crash", seconds=SLOW, elsewhere=elsewhere)
    assert killed.returncode == -9

    done = kontor(*words, seconds=SLOW, elsewhere=elsewhere)

    assert done.returncode == 0, done.stderr
    with psycopg.connect(database_url(superuser_url, elsewhere)) as connection:
        told = "SELECT count(*) FROM customers_customer WHERE handle = 'LK-10001'"
        assert connection.execute(told).fetchone() == (1,)


def test_the_word_builds_both_and_tells_how_to_log_in_and_the_key_once(kontor, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    words = ("demo", "--months", "1", "--percent", "10")

    said = kontor(*words, seconds=SLOW)
    again = kontor(*words, seconds=SLOW)

    assert said.returncode == again.returncode == 0, said.stderr + again.stderr
    (key,) = (each.strip() for each in said.stdout.splitlines() if "priv_test_" in each)
    assert account_of_key(key) == route_of("zettelfalke/sandbox").account_id
    assert "priv_test_" not in again.stdout
    assert "whole" in said.stdout
    assert "whole" not in again.stdout
    for person in PEOPLE:
        assert person.email in again.stdout
        user = prove_identity(
            email=person.email,
            password=password(settings.SECRET_KEY),
            address="127.0.0.1",
            now=wall_now(),
        )
        assert user.language == person.language
        places = {(each.subdomain, each.handle, each.role) for each in places_of(user)}
        assert {(each, "demo", person.role) for each in person.organisations} <= places


def test_a_merchant_that_nobody_knows_is_refused_by_the_names_of_those_there_are():
    with pytest.raises(CommandError, match="zettelfalke, lyngkassen, not strangers"):
        call_command("demo", "--only", "strangers", stdout=StringIO())
