"""One process in the foreground, where something else than `./kontor up` supervises."""

import argparse
from collections.abc import Mapping, Sequence

from billing_platform.frontdoor import acquirer as simulated
from billing_platform.frontdoor import application, environment, secrets
from billing_platform.frontdoor.paths import home
from billing_platform.frontdoor.processes import run
from billing_platform.frontdoor.servers import Wanted, shared_servers


def web(arguments: Sequence[str]) -> int:
    """The web server."""
    parser = argparse.ArgumentParser(prog="./kontor web", description=web.__doc__)
    parser.add_argument("--host", default=application.LOOPBACK)
    parser.add_argument("--port", type=int, default=8000)
    chosen = parser.parse_args(arguments)
    argv = application.web_argv(host=chosen.host, port=chosen.port)
    return _beside_servers(argv, more={"KONTOR_POOL": "1"})


def worker(arguments: Sequence[str]) -> int:
    return _beside_servers([*application.worker_argv(name="kontor@%h"), *arguments])


def beat(arguments: Sequence[str]) -> int:
    schedule = application.beat_schedule(home().make())
    return _beside_servers([*application.beat_argv(schedule=schedule), *arguments])


def acquirer(arguments: Sequence[str]) -> int:
    """The simulated acquirer."""
    parser = argparse.ArgumentParser(prog="./kontor acquirer", description=acquirer.__doc__)
    parser.add_argument("--port", type=int, default=8090)
    port = parser.parse_args(arguments).port
    state = home().make()
    secret = secrets.load(state.secrets)["KONTOR_ACQUIRER_SECRET"]
    env = environment.bare() | simulated.facts(port=port, home=state)
    return run(simulated.argv(), env=env | {"KONTOR_ACQUIRER_SECRET": secret})


def _beside_servers(argv: Sequence[str], *, more: Mapping[str, str] | None = None) -> int:
    with shared_servers(home(), Wanted()) as servers:
        return run(argv, env=servers.env() | dict(more or {}))
