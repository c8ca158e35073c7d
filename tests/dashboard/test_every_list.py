"""What every list of the dashboard can: columns, stretches of time, filters, a file of it all."""

import csv
import io
import re
from typing import Any

import pytest

from dashboard.lists import ListView
from dashboard.presets import PRESETS
from dashboard.urls import of_account
from tests.dashboard.browser import path, signed_in_client
from tests.dashboard.pages import WITHOUT_ARGUMENTS, furnished

VIEWS: dict[str, Any] = {
    str(each.name): getattr(each.callback, "view_class", object) for each in of_account
}
LISTS = {name: view.table for name, view in VIEWS.items() if issubclass(view, ListView)}


@pytest.fixture(scope="module")
def account_id(acquirer):
    return furnished()


def filed(client, address):
    sign = "&" if "?" in address else "?"
    answer = client.get(f"{address}{sign}format=csv")
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_there_are_lists_and_each_has_an_address():
    assert len(LISTS) >= 11
    assert set(LISTS) <= set(WITHOUT_ARGUMENTS)


@pytest.mark.feature("F194")
@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_list_has_columns_to_choose_stretches_of_time_filters_and_a_file(account_id, name):
    table, client = LISTS[name], signed_in_client(account_id)
    address = path(account_id, WITHOUT_ARGUMENTS[name])
    page = client.get(f"{address}?size=100").content.decode()

    columns = re.findall(r'name="columns" value="([^"]+)"', page)
    assert columns == [each.name for each in table.columns]
    dates = set(re.findall(rf'name="{table.dated_by}" value="(\w+)"', page))
    assert dates >= {*PRESETS, "custom"}
    addable = {each.name for each in table.columns if table.is_listed(each)} - {table.dated_by}
    assert set(re.findall(r'href="\?[^"]*add=(\w+)', page)) == addable
    shown = len(re.findall(r"<tr", page.partition("<tbody")[2]))
    assert shown == len(filed(client, address)) - 1 > 0


@pytest.mark.feature("F194")
@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_list_files_the_chosen_columns_and_the_chosen_time(account_id, name):
    table, client = LISTS[name], signed_in_client(account_id)
    address = path(account_id, WITHOUT_ARGUMENTS[name])
    chosen = [table.columns[0], table.columns[-1]]

    whole = filed(client, address)
    client.post(address, {"columns": [each.name for each in chosen]})
    fewer = filed(client, address)

    assert [len(row) for row in fewer] == [2] * len(whole)
    assert fewer[0] == [str(each.label) for each in chosen]
    never = f"?{table.dated_by}=custom&{table.dated_by}.to=2001-01-01"
    assert filed(client, address + never) == fewer[:1]
    assert "Nothing matches" in client.get(address + never).content.decode()
