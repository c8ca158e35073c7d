"""No amount ever meets a float: neither by name, nor by a literal, nor by a true division."""

import ast
from collections.abc import Iterator
from typing import TypeGuard

import pytest

from tests.house.source import Source, broken, called, calls, dotted, planted, product

MONEY = (
    "kernel",
    "accounts",
    "ledger",
    "customers",
    "catalog",
    "invoicing",
    "payments",
    "subscriptions",
    "operations/domain",
    "operations/run_reports.py",
)
"""The apps that hold amounts, and of the operator's acts what counts and shows them: the others
measure time, rest and report progress."""
TIMINGS = {
    "payments/gateways/connections.py": "seconds of a monotonic clock, since a connection idles",
    "payments/acquirer/server.py": "seconds that a simulated answer is late",
    "payments/acquirer/courier.py": "seconds until the next callback",
}
"""Files whose only broken numbers are durations; they add, multiply and divide no amount."""

EXACT = {"Fraction", "Decimal", "Path"}
"""What may stand on a side of `/`: between two whole numbers it would make a float."""


def floats(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield source.at(node, f"the float {node.value}")
        elif isinstance(node, ast.Name) and node.id == "float":
            yield source.at(node, "float")
        elif _divides(node) and not _is_exact(node):
            yield source.at(node, "a true division of what may be whole numbers")


def roundings(source: Source) -> Iterator[str]:
    for call in calls(source.tree):
        if called(call) == "round":
            yield source.at(call, "round(); kernel.money rounds half away from zero")


def loose_json(source: Source) -> Iterator[str]:
    for call in calls(source.tree):
        exact = any(
            word.arg == "parse_float" and dotted(word.value) == "Decimal" for word in call.keywords
        )
        if called(call) == "json.loads" and not exact:
            yield source.at(call, "json.loads without parse_float=Decimal")


def _divides(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)


def _is_exact(node: ast.AST) -> bool:
    """An exact number made on the spot, or a path being put together."""
    if _divides(node):
        return _is_exact(node.left) or _is_exact(node.right)
    if isinstance(node, ast.Constant | ast.JoinedStr):
        return isinstance(node, ast.JoinedStr) or isinstance(node.value, str)
    return isinstance(node, ast.Call) and called(node).rpartition(".")[2] in EXACT


def money_sources() -> list[Source]:
    return [each for each in product() if each.lies_in(*MONEY)]


def test_no_float_comes_near_money():
    assert not broken(floats, [each for each in money_sources() if each.path not in TIMINGS])


def test_every_file_excused_for_its_timings_still_needs_it():
    excused = [each for each in money_sources() if each.path in TIMINGS]

    assert [each.path for each in excused if not list(floats(each))] == []
    assert len(excused) == len(TIMINGS)


def test_money_is_rounded_in_the_kernel_alone():
    assert not broken(roundings, money_sources())


def test_decimals_in_json_are_read_exactly():
    read = [each for each in money_sources() if not each.lies_in("payments/acquirer")]

    assert not broken(loose_json, read), "the acquirer takes only whole numbers, by type"


@pytest.mark.parametrize(
    "text", ["a = 0.5", "a = float('1')", "def f(a: float): ...", "a = b / 100", "a = (b + 1) / c"]
)
def test_a_planted_float_is_seen(text):
    assert broken(floats, [planted("invoicing/domain/x.py", text)])


@pytest.mark.parametrize("text", ["a = Fraction(1, 3) / 2", "a = b // 100", "a = here / 'x' / y"])
def test_exact_arithmetic_and_paths_are_no_floats(text):
    assert not broken(floats, [planted("invoicing/domain/x.py", text)])


def test_a_planted_round_is_seen():
    assert broken(roundings, [planted("ledger/x.py", "a = round(b, 2)")])


def test_planted_loose_json_is_seen():
    assert broken(loose_json, [planted("payments/x.py", "a = json.loads(b)")])
    assert not broken(loose_json, [planted("p.py", "a = json.loads(b, parse_float=Decimal)")])
