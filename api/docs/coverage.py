"""How much of the contract is served: which of its operations have an address and a method."""

import re
from collections.abc import Iterable, Iterator

from api.contract import Operation, operations
from api.docs.routes import served

PARAMETER = re.compile(r"\{\w+\}")
KEPT_FOR_CLIENTS = {
    "old": "old operations",
    "plugin": "called by shop plugins only",
    "page": "of the hosted page itself",
}


def report() -> Iterator[str]:
    """A line for each group of current operations, their sum, and the kinds that count apart."""
    ours = {_shape(each.name) for each in served()}
    everything = list(operations().values())
    current = [each for each in everything if each.kind == "current"]
    for group in sorted({each.group for each in current}):
        yield _line(group, [each for each in current if each.group == group], ours)
    yield _line("all", current, ours)
    for kind, words in KEPT_FOR_CLIENTS.items():
        yield _line(words, [each for each in everything if each.kind == kind], ours)


def _line(title: str, of: Iterable[Operation], ours: set[str]) -> str:
    names = [_shape(each.name) for each in of]
    return f"{title} {sum(each in ours for each in names)} of {len(names)}"


def _shape(name: str) -> str:
    """What a parameter is called is nobody's business but the page's."""
    return PARAMETER.sub("{}", name)
