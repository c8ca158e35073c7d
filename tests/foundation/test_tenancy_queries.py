"""Every question an app answers about an account refuses all accounts but the transaction's."""

import importlib
import inspect
from datetime import date, datetime
from pathlib import Path

import pytest

from foundation.tenancy import WrongTenant, tenant
from kernel.ids import new_id
from tests.factories import NOON, make_account

ROOT = Path(__file__).resolve().parents[2]
OF_THE_ACCOUNT_ITSELF = {"business_now", "business_today", "secret_of"}
"""They say what the account that they are given says of itself, and ask the database nothing."""

ANSWERS = {datetime: NOON, date: NOON.date(), int: 1, str: "EUR", bool: True}


def modules():
    """Every module of reads: an app's `queries.py`, or the files of its package."""
    paths = [*ROOT.glob("*/queries.py"), *ROOT.glob("*/queries/*.py")]
    for path in sorted(each.relative_to(ROOT) for each in paths):
        yield importlib.import_module(".".join(path.with_suffix("").parts))


def questions():
    for module in modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_asked = function.__module__ == module.__name__ and not name.startswith("_")
            is_asked = is_asked and name not in OF_THE_ACCOUNT_ITSELF
            if is_asked and "account" in inspect.signature(function).parameters:
                yield pytest.param(function, id=f"{module.__name__}.{name}")


def made_up(parameter: inspect.Parameter) -> object:
    """Something of the parameter's type; a list holds one id, so that it is not passed over."""
    kind = parameter.annotation
    text = str(kind)
    if any(each in text for each in ("Sequence", "Iterable", "Collection", "list", "set")):
        return [new_id()]
    return ANSWERS.get(kind, new_id())


@pytest.mark.parametrize("question", list(questions()))
def test_a_question_about_another_account_is_refused(question):
    with tenant(make_account()) as stranger:
        pass
    signature = inspect.signature(question)
    given = {
        name: stranger if name == "account" else made_up(parameter)
        for name, parameter in signature.parameters.items()
    }
    with tenant(make_account()), pytest.raises(WrongTenant):
        question(**given)


def test_the_apps_are_asked():
    assert len(list(questions())) >= 25
