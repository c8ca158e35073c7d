"""`./kontor up`: everything, until Ctrl-C."""

import argparse
import time
from collections.abc import Callable, Sequence

from billing_platform.frontdoor import demo, ports
from billing_platform.frontdoor.application import STOPPING_ORDER, Beat, Web, Worker
from billing_platform.frontdoor.environment import with_callbacks
from billing_platform.frontdoor.locks import Alone
from billing_platform.frontdoor.manage import migrate
from billing_platform.frontdoor.parts import Part, stop_noted
from billing_platform.frontdoor.paths import Home, home
from billing_platform.frontdoor.processes import noted
from billing_platform.frontdoor.say import Trouble, step, tell
from billing_platform.frontdoor.servers import Wanted, shared_servers
from billing_platform.frontdoor.supervisor import Halt, Halted, watch


def up(arguments: Sequence[str]) -> int:
    """Start all, wait until all are healthy, watch over them, stop all in reverse order."""
    parser = argparse.ArgumentParser(prog="./kontor up", description=up.__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of the web server (8000)")
    parser.add_argument("--empty", action="store_true", help="build no demo world")
    parser.add_argument("--demo-months", type=int, default=25, help="of its history (25)")
    given = parser.parse_args(arguments)
    state = home().make()
    only = Alone(state.lock("up"))
    if not only.take():
        url = state.served_url.read_text() if state.served_url.exists() else "still starting"
        raise Trouble(f"Kontor is running already: {url}. Stop it with Ctrl-C there.")
    halt = Halt()
    halt.listen()
    try:
        _serve(state, given, halt)
    except Halted:
        tell("stopped before it was ready")
    finally:
        only.leave()
    tell("Kontor has stopped; its data stays.")
    return 0


def _serve(state: Home, given: argparse.Namespace, halt: Halt) -> None:
    begun, port = time.monotonic(), given.port
    tell(f"Kontor keeps its data in {state.root}")
    state.served_url.unlink(missing_ok=True)
    _clear_leftovers(state)
    if not ports.free(port):
        raise Trouble(f"port {port} is taken by another program: ./kontor up --port {port + 1}")
    url = f"http://127.0.0.1:{port}"
    with shared_servers(state, Wanted(public_url=url), check=halt.check) as servers:
        env = with_callbacks(servers.env(), url)
        _halting(halt, lambda: migrate(servers, env))
        if not given.empty:
            _halting(halt, lambda: demo.build(env, months=given.demo_months))
        ours = [Web(state, env=env, port=port), Worker(state, env=env), Beat(state, env=env)]
        try:
            _start(ours, halt)
            state.served_url.write_text(url)
            demo.tell_how_to_log_in(env, url)
            tell(f"Kontor is ready after {time.monotonic() - begun:.1f} s: {url}")
            tell(f"Ctrl-C stops it. Logs: {state.root / 'logs'}")
            watch([*servers.parts(), *ours], halt)
            tell("stopping")
        finally:
            state.served_url.unlink(missing_ok=True)
            _stop(ours)


def _halting(halt: Halt, work: Callable[[], None]) -> None:
    try:
        work()
    except Trouble:
        # Ctrl-C reaches a child by itself, and is no trouble.
        halt.check()
        raise
    halt.check()


def _start(ours: Sequence[Part], halt: Halt) -> None:
    """All at once, for each spends most of its time with imports."""
    for part in ours:
        part.spawn()
    for part in ours:
        with step(f"waiting for {part.title}"):
            part.await_ready(check=halt.check)


def _stop(ours: Sequence[Part]) -> None:
    for part in reversed(ours):
        with step(f"stopping {part.title}"):
            part.stop()


def _clear_leftovers(state: Home) -> None:
    """A supervisor that was killed leaves its processes; servers are taken over, these are not."""
    for kind in STOPPING_ORDER:
        if noted(state.pid(kind.name)):
            with step(f"stopping {kind.title} of an earlier run"):
                stop_noted(kind, state)
