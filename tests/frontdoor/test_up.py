"""`./kontor up` as a whole: real processes, in a state folder of its own."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from billing_platform.frontdoor import environment, ports, roles, secrets
from billing_platform.frontdoor.paths import CLONE, Home
from billing_platform.frontdoor.processes import Process, noted

UP = [sys.executable, "-m", "billing_platform.frontdoor", "up", "--port"]
NAMES = ("postgres", "valkey", "acquirer", "web", "worker", "beat")


def free_port() -> int:
    return next(port for port in range(os.getpid() % 10_000 + 15_000, 30_000) if ports.free(port))


@contextmanager
def started(
    home: Home, port: int, *world: str, patience: int = 150
) -> Iterator[subprocess.Popen[str]]:
    """Without a demo world, unless one is asked for."""
    env = environment.bare() | {"KONTOR_HOME": str(home.root)}
    for name in environment.CHOICES:
        env.pop(name, None)
    log = (home.root / "up.log").open("w+")
    with (
        log,
        subprocess.Popen(
            [*UP, str(port), *(world or ["--empty"])],
            cwd=CLONE,
            env=env,
            stdout=log,
            stderr=log,
            text=True,
        ) as up,
    ):
        try:
            wait_for(lambda: f"s: http://127.0.0.1:{port}" in told(home), up, home, patience)
            yield up
        finally:
            if up.poll() is None:
                up.send_signal(signal.SIGINT)
                up.wait(60)


def told(home: Home) -> str:
    return (home.root / "up.log").read_text()


def wait_for(
    reached: Callable[[], bool], up: subprocess.Popen[str], home: Home, patience: int = 150
) -> None:
    until = time.monotonic() + patience
    while not reached():
        assert up.poll() is None, told(home)
        assert time.monotonic() < until, told(home)
        time.sleep(0.1)


def get(port: int, path: str, language: str = "en") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Accept-Language": language})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def owner(home: Home) -> psycopg.Connection:
    password = secrets.load(home.secrets)["KONTOR_PG_OWNER_PASSWORD"]
    port = ports.known(home.ports)["postgres"]
    return psycopg.connect(f"postgresql://{roles.OWNER}:{password}@127.0.0.1:{port}/kontor")


def running(home: Home, name: str) -> Process:
    process = noted(home.pid(name))
    assert process, f"{name} does not run:\n{told(home)}"
    return process


def test_up_serves_refuses_a_second_stops_cleanly_and_comes_back_with_its_data(home):
    port = free_port()
    with started(home, port) as up:
        assert get(port, "/healthz") == (200, '{"status": "ok"}')
        assert "Alles läuft." in get(port, "/status", language="de")[1]
        with owner(home) as connection:
            # In a schema of its own: a table in public without a policy stops the application.
            connection.execute("CREATE SCHEMA proof CREATE TABLE kept (answer int)")
            connection.execute("INSERT INTO proof.kept VALUES (42)")
        second = run_second(home)
        assert second.returncode == 1
        assert f"running already: http://127.0.0.1:{port}" in second.stderr.decode()

        processes = [running(home, name) for name in NAMES]
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
        assert not any(process.alive() for process in processes)
        assert list((home.root / "run").glob("*.pid")) == []

    with started(home, port):
        assert "migrating" not in told(home)
        with owner(home) as connection:
            assert connection.execute("SELECT answer FROM proof.kept").fetchone() == (42,)


def test_a_killed_part_is_replaced_and_a_killed_supervisor_blocks_nobody(home):
    port = free_port()
    with started(home, port) as up:
        web, database = running(home, "web"), running(home, "postgres")
        os.kill(web.pid, signal.SIGKILL)
        wait_for(lambda: note_of_web(home) not in (None, web.pid), up, home)
        wait_for(lambda: answers(port), up, home)
        up.send_signal(signal.SIGKILL)
        up.wait()

    with started(home, port):
        assert "stopping the web server of an earlier run" in told(home)
        assert running(home, "postgres").pid == database.pid, "the server is taken over"
    assert not database.alive()


def run_second(home: Home) -> subprocess.CompletedProcess[bytes]:
    env = os.environ | {"KONTOR_HOME": str(home.root)}
    return subprocess.run([*UP, "1"], cwd=CLONE, env=env, capture_output=True, check=False)


def note_of_web(home: Home) -> int | None:
    process = noted(home.pid("web"))
    return process.pid if process else None


def answers(port: int) -> bool:
    try:
        return get(port, "/healthz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def test_an_empty_database_gets_the_demo_world_once_and_people_are_told_how_to_log_in(home):
    port = free_port()
    with started(home, port, "--demo-months", "1", patience=300):
        assert "zettelfalke  whole" in told(home)
        assert "lyngkassen   whole" in told(home)
        assert f"http://127.0.0.1:{port}/login, password " in told(home)
        assert "alex@kontor.example" in told(home)
        before = invoices(home)

    with started(home, port, "--demo-months", "1"):
        assert "whole" not in told(home)
        assert "alex@kontor.example" in told(home)
        assert invoices(home) == before > 0


def invoices(home: Home) -> int:
    """As the superuser counts them, for whom no wall stands."""
    password = secrets.load(home.secrets)["KONTOR_PG_SUPERUSER_PASSWORD"]
    port = ports.known(home.ports)["postgres"]
    url = f"postgresql://postgres:{password}@127.0.0.1:{port}/kontor"
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM invoicing_invoice").fetchone()
    return row[0] if row else 0
