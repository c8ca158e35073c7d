"""What stands at the border of the process: sockets, the clock, and the net under failing work."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import (
    Source,
    broken,
    called,
    calls,
    imports,
    planted,
    product,
    strings,
)

NETWORK = {
    "aiohttp",
    "asyncio.open_connection",
    "ftplib",
    "http.client",
    "httpx",
    "imaplib",
    "paramiko",
    "requests",
    "smtplib",
    "socket",
    "ssl",
    "urllib.request",
    "urllib3",
    "websockets",
}
PORTS = {
    "payments/gateways": "the port to acquirers",
    "payments/acquirer": "the simulated acquirer, a process of its own",
    "messaging/transport": "the port to the mail server",
    "foundation/egress.py": "the port to every address that somebody else chose",
    "billing_platform/frontdoor": "asks its own servers on loopback whether they answer",
}
"""The only places that open a connection of their own; files go through `foundation.files`."""

CLOCK_READERS = {
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "time.time_ns",
    "time_ns",
    "time.localtime",
    "time.gmtime",
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
    "functions.Now",
    "Now",
}
CLOCKS = {
    "kernel/clock.py": "the one clock",
    "kernel/ids.py": "the time bits of an identifier, which decide nothing",
}
SQL_CLOCKS = ("now()", "current_date", "current_timestamp", "clock_timestamp", "localtimestamp")
OWN_CLOCK_FIELDS = {"auto_now", "auto_now_add"}

NET = "foundation/jobs.py"
"""The one place that catches whatever comes: work that fails is halved and parked there."""


def sockets(source: Source) -> Iterator[str]:
    if source.lies_in(*PORTS):
        return
    for node, name in imports(source.tree):
        if any(name == each or name.startswith(f"{each}.") for each in NETWORK):
            yield source.at(node, f"{name}: go through a port")


def clocks(source: Source) -> Iterator[str]:
    if source.path in CLOCKS:
        return
    for call in calls(source.tree):
        if called(call) in CLOCK_READERS:
            yield source.at(call, f"{called(call)}: take now as an argument")
        for word in call.keywords:
            if word.arg in OWN_CLOCK_FIELDS:
                yield source.at(call, f"{word.arg}: the command says when")
    for text in strings(source.tree):
        said = str(text.value).lower()
        if any(clock in said for clock in SQL_CLOCKS) and _is_sql(said):
            yield source.at(text, "SQL that asks the database for the time")


def swallowed(source: Source) -> Iterator[str]:
    """Handlers that catch everything; one that only tidies up and raises again swallows nothing."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = "everything" if node.type is None else ast.unparse(node.type)
        is_broad = node.type is None or "Exception" in _names(node.type)
        is_broader = "BaseException" in _names(node.type)
        if is_broad or (is_broader and not _raises_again(node)):
            yield source.at(node, f"catches {caught}")


def _is_sql(text: str) -> bool:
    return any(verb in text for verb in ("select ", "insert ", "update ", "delete "))


def _names(node: ast.expr | None) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} if node else set()


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_only_the_ports_open_a_connection():
    assert not broken(sockets, product())


def test_every_port_still_needs_its_leave():
    for port in PORTS:
        inside = [each for each in product() if each.lies_in(port)]
        named = {name for each in inside for _, name in imports(each.tree)}
        assert NETWORK & named, f"{port} opens no connection any more"


def test_only_the_clock_is_asked_for_the_time():
    assert not broken(clocks, product())


def test_exactly_one_place_catches_everything():
    found = broken(swallowed, product())

    assert len(found) == 1
    assert found[0].startswith(f"{NET}:")


@pytest.mark.parametrize(
    "text",
    [
        "import socket",
        "import http.client",
        "from urllib import request",
        "from aiohttp import ClientSession",
        "import smtplib",
    ],
)
def test_a_planted_connection_is_seen(text):
    assert broken(sockets, [planted("invoicing/commands/x.py", text)])
    assert not broken(sockets, [planted("payments/gateways/x.py", text)])


def test_taking_an_address_apart_is_no_connection():
    assert not broken(sockets, [planted("x.py", "from urllib.parse import urlsplit")])


@pytest.mark.parametrize(
    "text",
    [
        "a = datetime.now(UTC)",
        "a = timezone.now()",
        "a = time.time()",
        "a = date.today()",
        "a = models.DateTimeField(auto_now_add=True)",
        "cursor.execute('SELECT id FROM due WHERE at <= now()')",
    ],
)
def test_a_planted_look_at_the_clock_is_seen(text):
    assert broken(clocks, [planted("invoicing/commands/x.py", text)])


def test_durations_are_no_times():
    assert not broken(clocks, [planted("x.py", "a = time.monotonic()")])


@pytest.mark.parametrize(
    "handler",
    [
        "except Exception:\n    pass",
        "except:\n    pass",
        "except (ValueError, Exception):\n    pass",
        "except BaseException:\n    pass",
    ],
)
def test_a_planted_net_is_seen(handler):
    assert broken(swallowed, [planted("ledger/x.py", f"try:\n    a()\n{handler}")])


def test_tidying_up_and_raising_again_is_no_net():
    text = "try:\n    a()\nexcept BaseException:\n    b()\n    raise"
    assert not broken(swallowed, [planted("ledger/x.py", text)])
