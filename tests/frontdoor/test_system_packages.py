"""What pip cannot give is fetched where we may, and named where we may not."""

import os
import shutil
import subprocess

import pytest

from billing_platform.frontdoor import system_packages
from billing_platform.frontdoor.system_packages import Wish, fetch


@pytest.fixture
def machine(monkeypatch):
    """A machine on which nothing is there; what would be run is noted."""
    run = []
    wish = Wish("Thing", ("libthing", "thing-data"), lambda: False)
    monkeypatch.setattr(system_packages, "WISHES", (wish,))
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(subprocess, "run", lambda argv, **_: run.append(argv))
    return run


def test_as_root_the_packages_are_installed(machine, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    fetch()

    assert [argv[2:] for argv in machine] == [
        ["update"],
        ["install", "-y", "--no-install-recommends", "libthing", "thing-data"],
    ]


def test_for_others_the_one_command_is_named_and_nothing_is_run(machine, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    fetch()

    assert machine == []
    assert "sudo apt-get install libthing thing-data" in capsys.readouterr().err


def test_what_is_there_is_left_alone(machine, monkeypatch, capsys):
    monkeypatch.setattr(system_packages, "WISHES", (Wish("Thing", ("x",), lambda: True),))

    fetch()

    assert (machine, capsys.readouterr().err) == ([], "")
