"""Home: the month in figures that agree with the lists they lead to, in a fixed number of looks."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.queries import business_now
from foundation.tenancy import tenant
from subscriptions.commands import drive
from subscriptions.commands.cancel import cancel
from subscriptions.queries import by_handle
from tests.dashboard.browser import path, signed_in_client
from tests.factories import (
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)


def billed_shop(*handles: str):
    """Each billed on 1 February and on 1 March at 19.90; the clock stands at 10 March."""
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, *handles)
        make_plan(account)
        make_subscriptions(account, *handles, start="2026-02-01")
    for day in ("2026-02-01", "2026-03-01"):
        set_clock(account_id, day)
        drive.bill(account_id, batches=5)
        drive.finish(account_id)
    set_clock(account_id, "2026-03-10")
    return account_id


def figures(page: str) -> dict[str, tuple[str, str]]:
    found = re.findall(r"<span>([^<]+)</span><b>([^<]+)</b><small>([^<]+)</small>", page)
    return {label: (shown, beside) for label, shown, beside in found}


def test_the_months_figures_are_exact_and_lead_to_lists_that_show_the_same():
    account_id = billed_shop("one", "two", "three")
    client = signed_in_client(account_id)
    page = client.get(path(account_id)).content.decode()

    assert figures(page)["Billed"] == ("€59.70", "3 invoices")
    assert figures(page)["Paid of it"] == ("€0.00", "0 invoices")
    assert figures(page)["Open now"] == ("€119.40", "6 invoices")
    assert figures(page)["New subscriptions"] == ("0", "3 active now")
    links = re.findall(r'class="figure" href="([^"]+)"', page)
    counts = [
        len(re.findall("<tr>", client.get(unescape(each)).content.decode())) for each in links
    ]
    # One line more for the head of each list that has rows.
    assert counts[:3] == [1 + 3, 0, 1 + 6]


def test_what_is_cancelled_this_month_is_counted_this_month():
    account_id = billed_shop("one", "two")
    with tenant(account_id) as account:
        cancel(
            account=account,
            subscription_id=by_handle(account, "one").id,
            actor="test",
            now=business_now(account),
        )

    shown = figures(signed_in_client(account_id).get(path(account_id)).content.decode())
    assert shown["Cancellations"] == ("1", "0 ended")


def test_the_table_of_twelve_months_has_a_row_for_each_and_zeros_where_nothing_was():
    account_id = billed_shop("one")
    page = signed_in_client(account_id).get(path(account_id)).content.decode()
    rows = re.findall(r'data-label="Month">(?:<a [^>]+>)?([^<]+)', page)

    assert (rows[0], rows[-2:]) == ("April 2025", ["February 2026", "March 2026"])
    assert len(rows) == 12


def test_an_empty_account_is_shown_its_first_steps_and_ticks_them_off():
    account_id = make_account()
    client = signed_in_client(account_id)
    before = client.get(path(account_id)).content.decode()
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account)
    after = client.get(path(account_id)).content.decode()

    assert (before.count('<li class="done">'), after.count('<li class="done">')) == (0, 2)
    assert "Twelve months" not in before


def test_home_costs_the_same_statements_for_one_invoice_and_for_many():
    counts = []
    for handles in (["one"], [f"c{n}" for n in range(40)]):
        account_id = billed_shop(*handles)
        client = signed_in_client(account_id)
        client.get(path(account_id))
        with CaptureQueriesContext(connection) as caught:
            client.get(path(account_id))
        counts.append(len(caught))

    assert counts[0] == counts[1] <= 20


@pytest.mark.parametrize("language", ["de", "en"])
def test_amounts_and_months_speak_the_readers_language(language):
    account_id = billed_shop("one")
    page = signed_in_client(account_id, language=language).get(path(account_id)).content.decode()
    expected = {"de": ("März 2026", "19,90\xa0€"), "en": ("March 2026", "€19.90")}[language]

    assert all(each in page for each in expected)
