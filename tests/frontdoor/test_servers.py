"""Real servers, each in a state folder of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from billing_platform.frontdoor import ports, role_check
from billing_platform.frontdoor.acquirer import healthy
from billing_platform.frontdoor.paths import CLONE, Home
from billing_platform.frontdoor.processes import Process, noted
from billing_platform.frontdoor.say import Trouble
from billing_platform.frontdoor.servant import Servant
from billing_platform.frontdoor.servers import Wanted, shared_servers, throwaway_servers

ONLY_POSTGRES = Wanted(valkey=False, acquirer=False)
PAIR = ("postgres", "valkey")
ROOT = os.geteuid() == 0
HOLD_THROWAWAY = """
import time
from billing_platform.frontdoor.servers import throwaway_servers
with throwaway_servers(durable=False):
    print("ready", flush=True)
    time.sleep(60)
"""


def ask(url: str, question: LiteralString) -> tuple[Any, ...] | None:
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchone()


def running(home: Home, name: str = "postgres") -> Process:
    process = noted(home.pid(name))
    assert process, f"{name} does not run"
    return process


def port_of_postgres(home: Home) -> int:
    return ports.known(home.ports)["postgres"]


def test_the_application_may_connect_but_not_make_tables(home):
    with shared_servers(home, ONLY_POSTGRES) as servers:
        app = servers.env()["KONTOR_APP_DATABASE_URL"]
        told, harmless = role_check.look(home)

        assert (told, harmless) == (
            "kontor_app is no superuser, owns nothing, is bound by row-level security",
            True,
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(app, "CREATE TABLE mine (id int)")


def test_data_is_there_when_the_servers_are_started_again(home):
    with shared_servers(home, ONLY_POSTGRES) as first:
        owner = first.env()["KONTOR_OWNER_DATABASE_URL"]
        with psycopg.connect(owner) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    assert noted(home.pid("postgres")) is None
    with shared_servers(home, ONLY_POSTGRES) as second:
        assert ask(second.env()["KONTOR_OWNER_DATABASE_URL"], "SELECT answer FROM kept") == (42,)


def test_overlapping_calls_share_the_servers_and_the_last_one_stops_them(home):
    with shared_servers(home, ONLY_POSTGRES):
        with shared_servers(home, ONLY_POSTGRES):
            process = running(home)
        assert process.alive()
        assert running(home).pid == process.pid

    assert not process.alive()


def test_a_server_that_lost_its_port_to_another_program_finds_a_new_one(home):
    with shared_servers(home, ONLY_POSTGRES):
        port = port_of_postgres(home)
    taker = subprocess.Popen([sys.executable, "-m", "http.server", "-b", "127.0.0.1", str(port)])
    try:
        while not healthy(port, "/"):
            assert taker.poll() is None
        with shared_servers(home, ONLY_POSTGRES) as second:
            assert port_of_postgres(home) != port
            assert ask(second.superuser_url(), "SELECT 1") == (1,)
    finally:
        taker.kill()
        taker.wait()


def test_throwaway_servers_leave_nothing(home):
    with throwaway_servers(durable=False) as env:
        folder = Path(env["KONTOR_FILES"]).parent
        processes = [running(Home(folder), name) for name in ("postgres", "valkey", "acquirer")]
        settings = ask(env["KONTOR_TEST_SUPERUSER_URL"], "SELECT current_setting('fsync')")
        assert all(process.alive() for process in processes)

    assert settings == ("off",)
    assert not any(process.alive() for process in processes)
    assert list(home.throwaways.iterdir()) == []


def test_throwaway_servers_of_a_killed_call_are_swept_by_the_next(home):
    argv = [sys.executable, "-c", HOLD_THROWAWAY]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=CLONE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"ready\n"
        (folder,) = home.throwaways.iterdir()
        left = running(Home(folder))
        holder.send_signal(signal.SIGKILL)
    assert left.alive()

    with throwaway_servers(durable=True) as env:
        assert ask(env["KONTOR_TEST_SUPERUSER_URL"], "SHOW fsync") == ("on",)
        assert not left.alive()
        assert not folder.exists()


def test_a_throwaway_is_blind_for_the_caller_s_servers(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://real@db.example/real")
    monkeypatch.setenv("KONTOR_ROLE", "owner")

    with throwaway_servers(durable=False) as env:
        assert "@127.0.0.1:" in env["KONTOR_OWNER_DATABASE_URL"]
        assert not {"DATABASE_URL", "KONTOR_ROLE"} & set(env)
    assert os.environ["DATABASE_URL"] == "postgresql://real@db.example/real"


@pytest.mark.skipif(not ROOT, reason="only root gives the servers to another user")
def test_as_root_the_servers_are_not_root(home):
    with shared_servers(home, Wanted(acquirer=False)):
        owners = {Path(f"/proc/{running(home, name).pid}").stat().st_uid for name in PAIR}

    assert 0 not in owners
    assert home.secrets.stat().st_uid == 0


@pytest.mark.skipif(not ROOT, reason="only root gives the servers to another user")
def test_a_state_folder_that_the_servers_user_cannot_enter_is_refused(home, monkeypatch):
    closed = home.root / "closed"
    closed.mkdir(mode=0o700)

    with (
        pytest.raises(Trouble, match="who cannot enter"),
        shared_servers(Home(closed / "state"), ONLY_POSTGRES),
    ):
        pass


def test_a_servant_reaches_only_what_lies_in_open_folders(home):
    (home.root / "closed").mkdir(mode=0o700)
    stranger = Servant("stranger", 54_321, 54_321)

    assert stranger.reaches(Path("/usr/bin/env"))
    assert not stranger.reaches(home.root / "closed" / "file")
