"""Lifecycles are tables, and the page that prints them is fresh.

That each is complete, and held by the database too, is tests/subscriptions/test_lifecycles.py.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import import_module
from typing import Any

import pytest

from billing_platform.frontdoor.paths import CLONE
from kernel.lifecycle import as_markdown, states
from operations.management.commands.print_lifecycles import LIFECYCLES, PLACE, page
from tests.house.source import product
from tests.subscriptions.test_lifecycles import LIVES


def tables() -> Iterator[tuple[str, Mapping[Any, StrEnum]]]:
    """Every table of moves in a pure room, by its dotted name."""
    for source in product():
        if "/domain/" in source.path and "TABLE" in source.text:
            module = import_module(source.path.removesuffix(".py").replace("/", "."))
            for name, value in vars(module).items():
                if name.endswith("TABLE") and isinstance(value, Mapping):
                    yield f"{module.__name__}.{name}", value


def test_every_table_of_moves_is_printed_and_tried():
    printed = [each.table for each in LIFECYCLES]
    tried = [each.table for each in LIVES.values()]

    assert [name for name, table in tables() if table not in printed] == []
    assert [name for name, table in tables() if table not in tried] == []


def test_the_printed_page_is_that_of_the_code():
    assert (CLONE / PLACE).read_text() == page(), "run ./kontor print-lifecycles"


def test_a_page_of_yesterday_would_be_seen():
    one = LIFECYCLES[0]
    fewer = dict(list(one.table.items())[1:])

    assert as_markdown(one.title, fewer, one.initial) not in page()
    assert as_markdown(one.title, one.table, one.initial) in page()


@pytest.mark.parametrize("one", LIFECYCLES, ids=lambda one: one.title)
def test_every_state_of_the_enum_stands_in_the_table(one):
    enums = {type(state) for state in states(one.table)}

    assert {each for enum in enums for each in enum} == set(states(one.table))
