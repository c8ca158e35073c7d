"""Every list: what its address asks for is shown, filed and kept; nothing else is."""

import csv
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from customers.commands.create import create
from customers.domain.details import Details, NewCustomer
from foundation.tenancy import tenant
from kernel.moments import local_moment
from subscriptions.commands import drive
from tests.dashboard.browser import path, signed_in_client
from tests.factories import (
    NOON,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)

MANY = 45


def customers_at(account_id, handle, moment, **details):
    with tenant(account_id) as account:
        create(
            account=account,
            customers=[NewCustomer(handle, Details(**details))],
            now=local_moment(moment, account.timezone).instant,
        )


@pytest.fixture
def shop():
    """Three customers of three days in Berlin; the account's clock stands in mid-February."""
    account_id = make_account()
    customers_at(account_id, "anna", "2026-01-31T23:59", company="Anna & Co", city="Kiel")
    customers_at(account_id, "ben", "2026-02-01T00:00", company="=1+1", city="Kiel")
    customers_at(account_id, "carl", "2026-02-14T12:00", company="Carl AG", city="Bremen")
    set_clock(account_id, "2026-02-15T10:00")
    return account_id


def shown(client, account_id, query="") -> list[str]:
    page = client.get(path(account_id, f"customers{query}"), follow=True).content.decode()
    return re.findall(r'data-label="Handle">(?:<a [^>]*>)?([^<]+)', page)


def filed(client, account_id, query="") -> list[list[str]]:
    sign = "&" if "?" in query else "?"
    answer = client.get(path(account_id, f"customers{query}{sign}format=csv"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("query", "handles"),
    [
        ("", ["carl", "ben", "anna"]),
        ("?created_at=yesterday", ["carl"]),
        ("?created_at=last_month", ["anna"]),
        ("?created_at=this_month", ["carl", "ben"]),
        ("?created_at=last_3_months", ["anna"]),
        ("?created_at=last_year", []),
        ("?created_at=last_week", []),
        ("?created_at=custom&created_at.from=2026-02-01&created_at.to=2026-02-01", ["ben"]),
        ("?created_at=custom&created_at.to=2026-01-31", ["anna"]),
        ("?city=Kiel", ["ben", "anna"]),
        ("?city=kie", ["ben", "anna"]),
        ("?city=Kie&city.op=is", []),
        ("?city=Kie&city.op=prefix", ["ben", "anna"]),
        ("?city=Kiel&created_at=this_month", ["ben"]),
        ("?company=%25", []),
        ("?sort=handle", ["anna", "ben", "carl"]),
        ("?sort=-city", ["ben", "anna", "carl"]),
    ],
)
def test_a_list_shows_and_files_exactly_what_its_address_asks_for(shop, query, handles):
    client = signed_in_client(shop)

    assert shown(client, shop, query) == handles
    assert [row[0] for row in filed(client, shop, query)[1:]] == handles


@pytest.mark.parametrize(
    "query",
    [
        "?created_at=tomorrow",
        "?created_at=custom&created_at.from=never",
        "?created_at=custom&created_at.from=9999-12-31&created_at.to=0001-01-01",
        "?sort=nothing",
        "?sort=--",
        "?size=1000000",
        "?after=AAAA",
        "?nothing=1",
        "?city=%00",
        "?add=nothing",
        "?created_at.from=x",
    ],
)
def test_an_address_that_means_nothing_shows_the_list_without_it(shop, query):
    assert shown(signed_in_client(shop), shop, query) == ["carl", "ben", "anna"]


def test_a_filter_shows_its_value_and_can_be_taken_away(shop):
    client = signed_in_client(shop)
    page = client.get(path(shop, "customers?city=Kiel&sort=handle&size=50")).content.decode()

    assert "City: <b>…Kiel…</b>" in page
    assert 'href="?sort=handle&amp;size=50" aria-label="Remove the filter City"' in page
    assert "Created: all" in page


def test_dates_are_days_of_the_accounts_zone(shop):
    with tenant(shop) as account:
        account.timezone = "Pacific/Auckland"
        account.save(update_fields=["timezone"])

    assert shown(signed_in_client(shop), shop, "?created_at=last_month") == []


def test_pages_follow_each_other_without_gap_or_repetition():
    account_id = make_account()
    with tenant(account_id) as account:
        new = [NewCustomer(f"c{n:02}") for n in range(MANY)]
        create(account=account, customers=new, now=NOON)
    client, query, seen = signed_in_client(account_id), "?size=20&sort=handle", []
    while query:
        page = client.get(path(account_id, f"customers{query}")).content.decode()
        seen += re.findall(r'data-label="Handle">(?:<a [^>]*>)?([^<]+)', page)
        following = re.search(r'href="(\?[^"]*after=[^"]*)" rel="next"', page)
        query = following[1].replace("&amp;", "&") if following else ""

    assert seen == [f"c{n:02}" for n in range(MANY)]


def test_a_file_holds_all_pages_and_no_formula(shop):
    with tenant(shop) as account:
        new = [NewCustomer(f"c{n:04}") for n in range(1200)]
        create(account=account, customers=new, now=NOON)
    rows = filed(signed_in_client(shop), shop)

    assert len(rows) == 1 + 3 + 1200
    assert rows[0][:2] == ["Handle", "Company"]
    assert "'=1+1" in [row[1] for row in rows]


def test_a_file_speaks_the_readers_language_and_dates_in_the_accounts_zone(shop):
    rows = filed(signed_in_client(shop, language="de"), shop, "?handle=anna")

    assert rows[0][1] == "Firma"
    assert rows[1][-1] == "2026-01-31T23:59:00+01:00"


def test_columns_are_chosen_by_each_person_for_herself(shop):
    anna, ben = signed_in_client(shop), signed_in_client(shop)
    chosen = ["country", "handle", "nothing"]
    answer = anna.post(path(shop, "customers?city=Kiel"), {"columns": chosen})

    assert answer["Location"].endswith("/customers?city=Kiel")
    assert filed(anna, shop)[0] == ["Handle", "Country"]
    assert len(filed(ben, shop)[0]) > 2
    anna.post(path(shop, "customers"), {"columns": [""]})
    assert filed(anna, shop)[0] == filed(ben, shop)[0]
    assert not User.objects.get(id=anna.session["_auth_user_id"]).preferences["columns"]


def test_a_list_costs_the_same_statements_for_one_row_and_for_a_hundred():
    counts = []
    for rows in (1, 100):
        account_id = make_account()
        with tenant(account_id) as account:
            new = [NewCustomer(f"c{n}") for n in range(rows)]
            create(account=account, customers=new, now=NOON)
        client = signed_in_client(account_id)
        client.get(path(account_id, "customers?size=100"))
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(path(account_id, "customers?size=100"))
        counts.append(len(caught))

    assert counts[0] == counts[1] <= 16


def test_a_list_without_rows_teaches_the_first_step_and_one_without_matches_the_way_back(shop):
    empty = make_account()

    assert (
        "No customers yet" in signed_in_client(empty).get(path(empty, "customers")).content.decode()
    )
    page = signed_in_client(shop).get(path(shop, "customers?city=Rome")).content.decode()
    assert "Nothing matches these filters" in page


def test_text_of_customers_is_text_and_never_markup(shop):
    customers_at(shop, "dora", "2026-02-14T12:00", company="<script>alert(1)</script>")
    page = signed_in_client(shop).get(path(shop, "customers")).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_search_finds_by_the_beginning_of_a_handle_and_by_a_part_of_a_name(shop):
    client = signed_in_client(shop)

    assert "anna" in client.get(path(shop, "search?q=nna+%26"), follow=True).content.decode()
    assert "Nothing found" in client.get(path(shop, "search?q=zzz")).content.decode()
    assert client.get(path(shop, "search?q=%00")).status_code == 200


def test_amounts_of_one_currency_name_it_once_in_the_head_of_their_column():
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account)
        make_subscriptions(account, "one", start="2026-02-01")
    set_clock(account_id, "2026-02-01")
    drive.bill(account_id, batches=1)
    page = signed_in_client(account_id).get(path(account_id, "invoices")).content.decode()

    assert 'Amount <span class="currency">EUR</span>' in page
    assert 'data-label="Amount EUR"><span class="money">19.90</span>' in page
    assert "€" not in page
