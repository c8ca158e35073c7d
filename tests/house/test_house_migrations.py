"""Migrations are named by what they do; the gate says whether one is missing."""

import re
from collections.abc import Iterator

import pytest

from tests.house.source import Source, broken, planted, python

NAMED = re.compile(r"\d{4}_[a-z][a-z0-9_]+\.py")
UNNAMED = re.compile(r"\d{4}_(auto|alter|add|remove|rename)?_?\d")


def badly_named(source: Source) -> Iterator[str]:
    name = source.path.rpartition("/")[2]
    is_named = NAMED.fullmatch(name) and not UNNAMED.match(name) and "_auto_" not in name
    if source.is_migration and name != "__init__.py" and not is_named:
        yield f"{source.path}: name it by what it does"


def forks(sources: tuple[Source, ...]) -> list[str]:
    """Two migrations of an app with one number: the graph has two heads."""
    numbers = [
        (each.app, each.path.rpartition("/")[2][:4])
        for each in sources
        if each.is_migration and not each.path.endswith("__init__.py")
    ]
    return sorted(
        {f"{app} {number}" for app, number in numbers if numbers.count((app, number)) > 1}
    )


def test_every_migration_is_named_by_what_it_does():
    assert not broken(badly_named, python())


def test_no_app_has_two_migrations_of_one_number():
    assert forks(python()) == []


@pytest.mark.parametrize("name", ["0003_auto_20261121_2140.py", "0004_x.PY.py", "walls.py"])
def test_a_planted_migration_without_a_name_is_seen(name):
    assert broken(badly_named, [planted(f"catalog/migrations/{name}", "")])


def test_a_planted_fork_is_seen():
    both = (planted("a/migrations/0002_b.py", ""), planted("a/migrations/0002_c.py", ""))

    assert forks(both) == ["a 0002"]
