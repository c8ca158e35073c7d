"""Which operations the server has, read from the table of addresses itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from foundation.wire.views import ApiView, Operation

DIALECT = "v1/"
METHODS = ("get", "post", "put", "delete")
PARAMETER = re.compile(r"<(?:\w+:)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Served:
    """An operation at its address; `parameters` are the parts of the path that vary, each with
    the form it must have."""

    method: str
    path: str
    parameters: dict[str, str]
    operation: Operation
    needs_key: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def group(self) -> str:
        """The resource it belongs to; the lists belong to what they list."""
        parts = self.path.split("/")[2:]
        return parts[1] if parts[0] == "list" else parts[0]


@cache
def served() -> tuple[Served, ...]:
    """Every operation of /v1, by address and method."""
    found = _served(get_resolver().url_patterns, "")
    return tuple(sorted(found, key=lambda each: (each.path, METHODS.index(each.method.lower()))))


def _served(patterns: Sequence[URLPattern | URLResolver], prefix: str) -> Iterator[Served]:
    for each in patterns:
        address = prefix + _text(each)
        if isinstance(each, URLResolver):
            if _leads_to_dialect(address):
                yield from _served(each.url_patterns, address)
        elif address.startswith(DIALECT):
            yield from _operations(each, address)


def _text(pattern: URLPattern | URLResolver) -> str:
    written = pattern.pattern
    return str(written) if isinstance(written, RoutePattern) else "^"


def _leads_to_dialect(address: str) -> bool:
    return address.startswith(DIALECT) or DIALECT.startswith(address)


def _operations(pattern: URLPattern, address: str) -> Iterator[Served]:
    view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
    assert view is not None, f"{address} has no view of the dialect"
    assert issubclass(view, ApiView), f"{address} has no view of the dialect"
    for method in METHODS:
        operation = getattr(getattr(view, method, None), "operation", None)
        if operation is not None:
            yield Served(
                method=method.upper(),
                path="/" + PARAMETER.sub(r"{\g<name>}", address),
                parameters=_parameters(pattern),
                operation=operation,
                needs_key=not getattr(view, "is_public", False),
            )


def _parameters(pattern: URLPattern) -> dict[str, str]:
    return {name: each.regex for name, each in pattern.pattern.converters.items()}
