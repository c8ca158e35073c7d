"""What ./kontor does before Python begins, with a Python that only writes down how it is called."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from billing_platform.frontdoor.paths import CLONE

FAKE_PYTHON = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
  *ensurepip*) exit "${NO_ENSUREPIP:-0}" ;;
  "-m venv"*) for last; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
  *"print("*) echo python3.14-venv ;;
  *install*) sleep 0.2; exit "${NO_INSTALL:-0}" ;;
esac
"""


class Script:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "requirements").mkdir()
        for name in ("run", "dev", "seed"):
            (root / "requirements" / f"{name}.lock").write_text(f"package-{name}==1\n")
        shutil.copy(CLONE / "kontor", root / "kontor")
        (root / "bin").mkdir()
        python = root / "bin" / "python3.14"
        python.write_text(FAKE_PYTHON)
        python.chmod(0o755)

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.root / 'bin'}:/usr/bin:/bin"
        return subprocess.run(
            [self.root / "kontor", *words],
            env={"PATH": path, "CALLS": str(self.root / "calls"), **env},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def calls(self, part: str) -> list[str]:
        return [line for line in (self.root / "calls").read_text().splitlines() if part in line]


@pytest.fixture
def script(tmp_path):
    return Script(tmp_path)


def test_the_first_call_makes_the_environment_and_installs_by_hash(script):
    assert script.run("check").returncode == 0

    assert len(script.calls("-m venv")) == 1
    (installed,) = script.calls("pip install")
    assert "--require-hashes -r requirements/run.lock" in installed
    assert script.calls("frontdoor") == ["-m billing_platform.frontdoor check"]


def test_a_later_call_installs_nothing(script):
    script.run("check")
    second = script.run("check")

    assert len(script.calls("pip install")) == 1
    assert second.stderr == ""


def test_a_changed_lock_file_is_installed(script):
    script.run("check")
    (script.root / "requirements" / "run.lock").write_text("package-run==2\n")
    script.run("check")

    assert len(script.calls("pip install")) == 2


@pytest.mark.parametrize(
    ("word", "lock"),
    [("test", "dev"), ("features", "dev"), ("import-telco", "seed"), ("up", "run")],
)
def test_each_word_gets_the_packages_it_needs(script, word, lock):
    script.run(word)

    (installed,) = script.calls("pip install")
    assert installed.endswith(f"requirements/{lock}.lock")


def test_calls_that_start_at_once_install_once(script):
    with ThreadPoolExecutor(4) as threads:
        codes = [done.returncode for done in threads.map(script.run, ["check"] * 4)]

    assert codes == [0, 0, 0, 0]
    assert len(script.calls("-m venv")) == 1
    assert len(script.calls("pip install")) == 1


def test_the_lock_of_a_call_that_was_killed_is_passed(script):
    dead = subprocess.Popen(["true"])
    dead.wait()
    guard = script.root / "var" / "venv.lock"
    guard.mkdir(parents=True)
    (guard / "pid").write_text(f"{dead.pid}\n")

    assert script.run("check").returncode == 0
    assert not guard.exists()


def test_a_failed_installation_is_told_and_tried_again(script):
    failed = script.run("check", NO_INSTALL="1")

    assert failed.returncode == 1
    assert "requirements/run.lock could not be installed" in failed.stderr
    assert script.run("check").returncode == 0
    assert len(script.calls("pip install")) == 2


def test_a_python_without_ensurepip_names_the_package_to_install(script):
    refused = script.run("check", NO_ENSUREPIP="1")

    assert refused.returncode == 1
    assert "sudo apt-get install python3.14-venv" in refused.stderr


@pytest.mark.parametrize("word", ["help", "doctor"])
def test_help_and_doctor_install_nothing(script, word):
    script.run(word)

    assert script.calls("install") == []
    assert not (script.root / ".venv").exists()
