"""What the code knows by name and the docs must tell: read from the code, never from a list."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module

from billing_platform.frontdoor import words
from billing_platform.schedule import DUE_TASKS
from kernel.events import DomainEvent, registered
from tests.house.source import APPS, called, calls, dotted, product, strings

SORTS = ("Refused", "Invalid", "NotFound", "Conflict", "Upstream", "Failure")
"""How an expected no is said; `Failure` is the reason with which something is parked."""
SETTING = re.compile(r"KONTOR_[A-Z_]*[A-Z]|DATABASE_URL|REDIS_URL")
GAP = "*"
"""Stands in a code for the part that differs: `schedule_*_out_of_range`."""


def events() -> list[type[DomainEvent]]:
    """Those of the product; tests elsewhere make events of their own."""
    for source in product():
        if source.app in APPS and source.path.endswith("/events.py"):
            import_module(source.path.removesuffix(".py").replace("/", "."))
    return [each for each in registered().values() if each.__module__.partition(".")[0] in APPS]


def event_kinds() -> set[str]:
    return {each.kind for each in events()}


def due_kinds() -> set[str]:
    return set(DUE_TASKS)


def all_words() -> set[str]:
    """What may follow `./kontor`: the front door's words and our management commands."""
    return {*words.WORDS, *words.SINGLES, *words.commands()}


def fault_points() -> set[str]:
    return {
        ast.literal_eval(call.args[0])
        for source in product()
        for call in calls(source.tree)
        if called(call) == "faultpoint"
    }


def settings() -> set[str]:
    """Every name that the environment may carry."""
    found = set()
    for source in product():
        texts = [str(each.value) for each in strings(source.tree)]
        found |= {text for text in texts if SETTING.fullmatch(text)}
        if source.path == "payments/acquirer/config.py":
            found |= {
                f"KONTOR_ACQUIRER_{text}" for text in texts if re.fullmatch("[A-Z_]*[A-Z]", text)
            }
    return found


def refusal_codes() -> set[str]:
    """The stable codes of everything that is refused, missing or failed upstream; what is missing
    is called after its kind, as `*_not_found`."""
    return set(refusal_sorts())


def refusal_sorts() -> dict[str, set[str]]:
    """Each code with the sorts of refusal it comes with."""
    found: dict[str, set[str]] = {}
    for source in product():
        for sort, code in (*_raised(source.tree), *_own_sentences(source.tree)):
            found.setdefault(code, set()).add(sort)
    return found


def acquirer_words() -> set[str]:
    """Why the simulated acquirer declines, in its own words."""
    return {
        word
        for source in product()
        if source.lies_in("payments/acquirer")
        for call in calls(source.tree)
        if called(call) in {"Verdict", "StoringFailure"}
        for each in call.args
        for word in _texts(each)
    }


def unknown_reasons() -> set[str]:
    """What an attempt of unknown outcome met instead of an answer."""
    return {
        text
        for source in product()
        if source.lies_in("payments/gateways")
        for call in calls(source.tree)
        if called(call) in {"NoAnswer", "NotUnderstood", "unknown"} and call.args
        for text in _texts(call.args[-1])
    }


def _raised(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Refusals made on the spot; those of what is missing all have one code."""
    for call in calls(tree):
        sort = called(call).rpartition(".")[2]
        if sort in SORTS and sort != "NotFound" and call.args:
            yield from ((sort, code) for code in _codes(call.args[0]))


def _own_sentences(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Refusals with a class of their own, which hand their code to the class above."""
    for made in ast.walk(tree):
        if isinstance(made, ast.ClassDef):
            sort = next((base for each in made.bases if (base := dotted(each)) in SORTS), made.name)
            for call in calls(made):
                if ast.unparse(call.func) == "super().__init__" and call.args and sort in SORTS:
                    yield from ((sort, code) for code in _codes(call.args[0]))


def _codes(node: ast.expr) -> list[str]:
    return [code for code in _texts(node) if re.fullmatch(r"[a-z_*]+", code)]


def _texts(node: ast.expr) -> Iterator[str]:
    """The text of a literal; what differs in a formatted one becomes a gap."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [each.value if isinstance(each, ast.Constant) else GAP for each in node.values]
        yield "".join(str(part) for part in parts)
