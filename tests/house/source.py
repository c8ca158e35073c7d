"""The repository as the house's tests read it: every file that git would keep, parsed once.

A rule is a function from a source to the sentences that say where it is broken. Each rule is
tried twice: on the whole house, which must keep it, and on a planted sample, which must not.
"""

import ast
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from billing_platform.frontdoor.paths import CLONE

APPS = (
    "accounts",
    "ledger",
    "customers",
    "catalog",
    "invoicing",
    "payments",
    "subscriptions",
    "webhooks",
    "messaging",
    "operations",
    "api",
    "dashboard",
    "portal",
)
"""Every app above the ground; `foundation` and `kernel` lie below, `billing_platform` above."""

NOT_PRODUCT = ("tests/", "bench/")


@dataclass(frozen=True)
class Source:
    """A file by its path from the root, with slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def app(self) -> str:
        return self.path.partition("/")[0]

    @property
    def is_migration(self) -> bool:
        return "/migrations/" in self.path

    def lies_in(self, *places: str) -> bool:
        """Whether one of `places`, a file or a folder, holds it."""
        return any(self.path == each or self.path.startswith(f"{each}/") for each in places)

    def at(self, node: ast.AST, why: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)} {why}"


Rule = Callable[[Source], Iterable[str]]


@cache
def kept_files() -> tuple[Path, ...]:
    """What is tracked, and what would be with the next commit."""
    argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(argv, cwd=CLONE, capture_output=True, check=True).stdout
    paths = (CLONE / name for name in sorted(set(names.decode().split("\0"))) if name)
    return tuple(path for path in paths if path.is_file())


@cache
def texts() -> tuple[Source, ...]:
    """Every kept file that is text."""
    found = []
    for path in kept_files():
        content = path.read_bytes()
        if b"\0" not in content:
            found.append(Source(path.relative_to(CLONE).as_posix(), content.decode()))
    return tuple(found)


@cache
def python() -> tuple[Source, ...]:
    return tuple(each for each in texts() if each.path.endswith(".py"))


@cache
def product() -> tuple[Source, ...]:
    """What runs: no tests, no benches, no migrations."""
    return tuple(
        each for each in python() if not each.is_migration and not each.path.startswith(NOT_PRODUCT)
    )


def broken(rule: Rule, sources: Iterable[Source]) -> list[str]:
    """Where the rule is broken; an empty list is what a house test wants to see."""
    return [sentence for source in sources for sentence in rule(source)]


def planted(path: str, text: str) -> Source:
    """A sample that no house would keep."""
    return Source(path, text)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Those of the module itself that others may call."""
    return (
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    )


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The dotted name of what is called, as far as it is written as one."""
    return dotted(call.func)


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return ""


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Every imported module, and for `from a import b` also `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield node, each.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node, node.module
            for each in node.names:
                yield node, f"{node.module}.{each.name}"


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    return (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
