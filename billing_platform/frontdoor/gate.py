"""The gate: everything that must hold before a change goes in, and the words like it."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing_platform.frontdoor import system_packages
from billing_platform.frontdoor.paths import CLONE
from billing_platform.frontdoor.processes import run
from billing_platform.frontdoor.say import Trouble, tell
from billing_platform.frontdoor.servers import throwaway_servers

KEEP_GOING = "--keep-going"


@dataclass(frozen=True, slots=True)
class Check:
    headline: str
    argv: tuple[str, ...]


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


CHECKS = (
    Check("format", _python("-m", "ruff", "format", "--check", ".")),
    Check("lint", _python("-m", "ruff", "check", ".")),
    Check("types", _python("-m", "mypy", ".")),
    Check(
        "imports",
        _python("-c", "from importlinter.cli import lint_imports_command as c; c()"),
    ),
    Check("Django's own checks", _python("manage.py", "check")),
    Check("migrations", _python("manage.py", "makemigrations", "--check", "--dry-run")),
)


def test(arguments: Sequence[str]) -> int:
    """The whole gate; with arguments for pytest only the tests they choose."""
    keep_going = KEEP_GOING in arguments
    chosen = [argument for argument in arguments if argument != KEEP_GOING]
    if not chosen:
        system_packages.fetch()
    with throwaway_servers(durable=False) as env:
        if chosen:
            return _tests(env, chosen)
        failed = _checks(env, keep_going=keep_going)
        if failed and not keep_going:
            return 1
        tests_failed = _tests(env, ["-n", "2", "-rs"])
        return 1 if failed or tests_failed else 0


def bench(arguments: Sequence[str]) -> int:
    """Measure one thing beside servers that keep what they acknowledge."""
    names = sorted(path.stem for path in (CLONE / "bench").glob("[a-z]*.py"))
    if not arguments or arguments[0] not in names:
        raise Trouble(f"./kontor bench NAME; the names are: {', '.join(names) or 'none yet'}.")
    with throwaway_servers(durable=True, shared_buffers="1GB") as env:
        return run(_python("-m", f"bench.{arguments[0]}", *arguments[1:]), env=env)


def torture(arguments: Sequence[str]) -> int:
    with throwaway_servers(durable=True) as env:
        return run(_python("-m", "tests.torture", *arguments), env=env)


def _checks(env: Mapping[str, str], *, keep_going: bool) -> list[str]:
    """The headlines of those that failed."""
    failed = []
    for check in CHECKS:
        tell(f"== {check.headline}")
        begun = time.monotonic()
        code = run(check.argv, env=env)
        tell(f"   {'failed' if code else 'ok'} in {time.monotonic() - begun:.1f} s\n")
        if code:
            failed.append(check.headline)
            if not keep_going:
                break
    if failed:
        tell(f"failed: {', '.join(failed)}\n")
    return failed


def _tests(env: Mapping[str, str], arguments: Sequence[str]) -> int:
    tell("== tests")
    return run(_python("-m", "pytest", *arguments), env=env)
