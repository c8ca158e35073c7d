"""The first wall as it is written down: rows of an account are reached through `of` alone."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from foundation.tenancy import TenantModel
from tests.house.source import Source, broken, planted, product, strings

UNSCOPED_MANAGERS = {"_base_manager", "_default_manager"}
DOOR = "foundation/tenancy.py"
VERBS = re.compile(r"\b(FROM|INTO|UPDATE|JOIN)\s+([a-z_]+)")


def tenant_models() -> list[type[models.Model]]:
    return [each for each in apps.get_models() if issubclass(each, TenantModel)]


def ground_models() -> set[str]:
    """The models that belong to no account; their tables are listed with their reasons."""
    return {each.__name__ for each in apps.get_models() if not issubclass(each, TenantModel)}


def unscoped_managers(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr in UNSCOPED_MANAGERS and source.path != DOOR:
            yield source.at(node, f"{node.attr} knows no account")
        found = node.value
        if isinstance(found, ast.Attribute) and found.attr == "objects" and node.attr != "of":
            model = ast.unparse(found.value)
            if model not in ground_models():
                yield source.at(node, f"{model}.objects.{node.attr}: begin with .of(account)")


def kept_managers(source: Source) -> Iterator[str]:
    """A manager that is carried away could be asked later for anything."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign | ast.Return | ast.NamedExpr | ast.keyword):
            value = node.value
            if isinstance(value, ast.Attribute) and value.attr == "objects":
                yield source.at(value, "a manager is carried away")


def sql_without_account(source: Source) -> Iterator[str]:
    """SQL by hand names the account too: row-level security is the second wall, not the first."""
    tables = {each._meta.db_table for each in tenant_models()}
    for text in strings(source.tree):
        said = str(text.value)
        if tables & {table for _, table in VERBS.findall(said)} and "account_id" not in said:
            yield source.at(text, "SQL on an account's table that does not name the account")


RULES = (unscoped_managers, kept_managers, sql_without_account)
SAMPLES = [
    (unscoped_managers, "rows = Invoice.objects.filter(id=1)"),
    (unscoped_managers, "rows = Invoice.objects.all()"),
    (unscoped_managers, "row = Invoice._base_manager.get(id=1)"),
    (unscoped_managers, "row = model._default_manager.get(id=1)"),
    (unscoped_managers, "row = model.objects.get(id=1)"),
    (kept_managers, "rows = Invoice.objects"),
    (kept_managers, "def f():\n    return Invoice.objects"),
    (sql_without_account, "SQL = 'SELECT id FROM invoicing_invoice WHERE id = %s'"),
    (sql_without_account, "SQL = 'UPDATE payments_paymentattempt SET state = 1'"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_first_wall(rule):
    assert not broken(rule, product())


@pytest.mark.parametrize(("rule", "text"), SAMPLES)
def test_a_planted_way_around_the_wall_is_seen(rule, text):
    assert broken(rule, [planted("operations/commands/x.py", text)])


@pytest.mark.parametrize(
    "text",
    [
        "rows = Invoice.objects.of(account).filter(id=1)",
        "row = Heartbeat.objects.get(name='beat')",
        "SQL = 'SELECT id FROM invoicing_invoice WHERE account_id = %s'",
    ],
)
def test_the_way_through_the_door_is_not_reported(text):
    for rule in RULES:
        assert not broken(rule, [planted("operations/commands/x.py", text)])
