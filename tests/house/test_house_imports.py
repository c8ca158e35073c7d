"""The gate runs the import contracts; here they are shown to bite."""

import subprocess
import sys
import tomllib

import pytest

from billing_platform.frontdoor.paths import CLONE
from tests.house.source import python

CONFIG = CLONE / "pyproject.toml"
LINT = "from importlinter.cli import lint_imports_command as c; c()"
ROOMS = ("tasks", "handlers", "commands", "queries", "models", "events", "domain", "errors")
FACES_AND_ROOF = {"billing_platform", "api", "dashboard", "portal", "operations"}


def linted(folder) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def skeleton(tmp_path):
    """Every package that the contracts name, with empty rooms and nothing in them."""
    settings = tomllib.loads(CONFIG.read_text())["tool"]["importlinter"]
    for package in settings["root_packages"]:
        for room in ("", *ROOMS):
            place = tmp_path / package / room
            place.mkdir(parents=True)
            (place / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_bytes(CONFIG.read_bytes())
    return tmp_path


def test_an_empty_house_keeps_every_contract(skeleton):
    found = linted(skeleton)

    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("place", "statement", "contract"),
    [
        ("kernel/ids.py", "import foundation", "storeys"),
        ("invoicing/commands/issue.py", "from payments import queries", "storeys"),
        ("payments/handlers/x.py", "import subscriptions.events", "storeys"),
        ("catalog/domain/terms.py", "from catalog import models", "rooms"),
        ("ledger/models/x.py", "from ledger import commands", "rooms"),
        ("ledger/domain/chart.py", "import django.db", "pure"),
        ("kernel/money.py", "import celery", "pure"),
        ("payments/commands/x.py", "import invoicing.models", "invoicing's tables"),
        ("operations/commands/x.py", "import subscriptions.models", "subscriptions' tables"),
        ("dashboard/views.py", "import ledger.models", "faces never touch tables"),
    ],
)
def test_a_planted_import_is_reported_under_its_contract(skeleton, place, statement, contract):
    (skeleton / place).write_text(f"{statement}\n")

    found = linted(skeleton)

    broken = [line for line in found.stdout.splitlines() if line.endswith("BROKEN")]
    assert found.returncode != 0
    assert any(contract in line for line in broken), found.stdout


def test_every_app_of_the_house_is_under_the_contracts():
    """An app that nobody told import-linter of would be bound by nothing."""
    settings = tomllib.loads(CONFIG.read_text())["tool"]["importlinter"]
    apps = {each.app for each in python() if each.path.endswith("/apps.py")}
    rooms = next(each for each in settings["contracts"] if each["name"].startswith("rooms"))

    assert apps <= set(settings["root_packages"])
    assert apps - FACES_AND_ROOF - {"foundation"} <= set(rooms["containers"])
