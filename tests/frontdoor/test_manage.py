import os
import signal
import subprocess
import sys

import pytest

from billing_platform.frontdoor import manage, processes
from billing_platform.frontdoor.paths import CLONE


@pytest.fixture
def clone(tmp_path):
    folder = tmp_path / "ledger" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_initial.py").write_text("first")
    return tmp_path


def test_the_same_migrations_have_the_same_fingerprint(clone):
    assert manage.fingerprint(clone) == manage.fingerprint(clone)


def test_a_new_migration_changes_the_fingerprint(clone):
    before = manage.fingerprint(clone)
    (clone / "ledger" / "migrations" / "0002_more.py").write_text("second")

    assert manage.fingerprint(clone) != before


def test_an_edited_migration_changes_the_fingerprint(clone):
    before = manage.fingerprint(clone)
    (clone / "ledger" / "migrations" / "0001_initial.py").write_text("changed")

    assert manage.fingerprint(clone) != before


def test_the_exit_code_of_the_child_is_passed_on():
    assert processes.run([sys.executable, "-c", "raise SystemExit(7)"]) == 7


def test_a_child_that_a_signal_ended_has_the_code_that_a_shell_tells():
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"

    assert processes.run([sys.executable, "-c", code]) == 128 + signal.SIGKILL


CHILD = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(print("child cleans up", flush=True)))
print("ready", flush=True)
time.sleep(60)
"""
PARENT = """
import atexit, signal, sys
from billing_platform.frontdoor.processes import free_to_end, run
signal.signal(signal.SIGTERM, free_to_end)
atexit.register(print, "parent cleans up")
run([sys.executable, "-c", sys.argv[1]])
"""


def test_a_request_to_end_reaches_the_child_first_and_then_lets_us_clean_up():
    argv = [sys.executable, "-c", PARENT, CHILD]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=CLONE, text=True) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "ready\n"
        os.kill(parent.pid, signal.SIGTERM)
        rest = parent.stdout.read()

    assert rest == "child cleans up\nparent cleans up\n"
    assert parent.returncode == 128 + signal.SIGTERM
