"""`./kontor features [ID…]`: which items of the checklist have a passing proof.

With `--wire`: how many operations of the wire's contract are served. One is served when its
address and its method are in the server's own table; that its answers keep the contract is
proven by the tests, which hold every answer they get against it.
"""

import json
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_urlsafe

from billing_platform.frontdoor import feature_plugin, secrets
from billing_platform.frontdoor.environment import Addresses, application
from billing_platform.frontdoor.paths import CLONE
from billing_platform.frontdoor.processes import run
from billing_platform.frontdoor.say import Trouble, answer
from billing_platform.frontdoor.servers import throwaway_servers

ITEM = re.compile(r"^\s*[-*] (?:\[[ x]\] )?\**(F\d{3,}|B\d{2,})\**:?\s+(.*)$")
WIRE = "--wire"
CHECKLIST = CLONE / "docs" / "features.md"
NO_DATABASE, NO_VALKEY = "postgresql://127.0.0.1:1/none", "redis://127.0.0.1:1/0"
NO_SERVER = "http://127.0.0.1:1"
"""The table of addresses can be read without any server."""


def features(arguments: Sequence[str]) -> int:
    """Run the tests of these ids; 1 when any of them has no passing proof."""
    if WIRE in arguments:
        return _wire(arguments)
    known = titles(CHECKLIST)
    asked = [one.upper() for one in arguments] or list(known)
    if not asked:
        raise Trouble(f"{CHECKLIST} names no items: give ids, as in ./kontor features F105.")
    unknown = sorted(set(asked) - set(known)) if known else []
    if unknown:
        raise Trouble(f"{CHECKLIST.name} knows no {', '.join(unknown)}.")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "features.json"
        with throwaway_servers(durable=False) as env:
            run(_argv(), env=env | _wish(asked, report))
        if not report.exists():
            raise Trouble("the tests could not be run; see the lines above.")
        found = json.loads(report.read_text())
    open_items = unproven(asked, found)
    for line in lines(asked, found, known):
        answer(line)
    answer(f"{len(asked) - len(open_items)} of {len(asked)} have a passing proof.")
    return 1 if open_items else 0


def _wire(arguments: Sequence[str]) -> int:
    if list(arguments) != [WIRE]:
        raise Trouble(f"{WIRE} stands alone: it counts all operations.")
    nowhere = Addresses(
        owner=NO_DATABASE, app=NO_DATABASE, valkey=NO_VALKEY, acquirer=NO_SERVER, files=CLONE
    )
    keys = dict.fromkeys(secrets.NAMES, token_urlsafe())
    env = application(nowhere, keys=keys, public_url=NO_SERVER)
    return run([sys.executable, "-m", "billing_platform.frontdoor.wire_report"], env=env)


def titles(checklist: Path) -> dict[str, str]:
    """Items by id: lines such as `- F001 Plans carry a trial`."""
    if not checklist.exists():
        return {}
    matches = (ITEM.match(line) for line in checklist.read_text().splitlines())
    return {match[1]: match[2].strip() for match in matches if match}


def unproven(asked: Sequence[str], found: Mapping[str, Mapping[str, Sequence[str]]]) -> list[str]:
    """Those without a passing test, or with a failing one."""
    return [
        one
        for one in asked
        if not found.get(one, {}).get("passed") or found.get(one, {}).get("failed")
    ]


def lines(
    asked: Sequence[str],
    found: Mapping[str, Mapping[str, Sequence[str]]],
    known: Mapping[str, str],
) -> list[str]:
    """What is not proven, and why."""
    told = []
    for one in unproven(asked, found):
        outcomes = found.get(one, {})
        why = ", ".join(f"{len(tests)} {outcome}" for outcome, tests in sorted(outcomes.items()))
        told.append(f"{one} {known.get(one, '')} ({why or 'no test names it'})")
        told.extend(f"     {test}" for test in outcomes.get("failed", ()))
    return told


def _wish(asked: Sequence[str], report: Path) -> dict[str, str]:
    return {feature_plugin.ASKED: ",".join(asked), feature_plugin.REPORT: str(report)}


def _argv() -> list[str]:
    plugin = "billing_platform.frontdoor.feature_plugin"
    return [sys.executable, "-m", "pytest", "-p", plugin, "-q", "--no-header", "-n", "2"]
