"""Fault points: free when disarmed, and striking exactly where and when they are told to."""

import subprocess
import sys
import time

import pytest

from foundation import faultpoint
from foundation.faultpoint import InjectedFault


@pytest.fixture(autouse=True)
def disarmed():
    yield
    faultpoint.arm("")


def test_disarmed_nothing_happens():
    faultpoint.arm("")
    faultpoint.faultpoint("anywhere")


def test_it_strikes_at_its_name_and_at_that_passage_alone():
    faultpoint.arm("here:2:raise")
    faultpoint.faultpoint("there")
    faultpoint.faultpoint("here")
    with pytest.raises(InjectedFault, match="here"):
        faultpoint.faultpoint("here")
    faultpoint.faultpoint("here")


def test_several_are_armed_at_once_and_arming_again_counts_anew():
    faultpoint.arm("a:1:raise,b:1:raise")
    for name in ("a", "b"):
        with pytest.raises(InjectedFault):
            faultpoint.faultpoint(name)
    faultpoint.arm("a:1:raise")
    faultpoint.faultpoint("b")
    with pytest.raises(InjectedFault):
        faultpoint.faultpoint("a")


def test_it_can_make_the_process_wait():
    faultpoint.arm("here:1:sleep=1")
    before = time.monotonic()
    faultpoint.faultpoint("here")
    assert time.monotonic() - before >= 1


def test_an_action_that_nobody_knows_is_told():
    faultpoint.arm("here:1:explode")
    with pytest.raises(ValueError, match="explode"):
        faultpoint.faultpoint("here")


def test_armed_by_the_environment_it_kills_the_process_on_the_spot():
    """Nothing after the place runs: no handler, no clean-up, no flush."""
    code = (
        "from foundation.faultpoint import faultpoint\n"
        "try:\n"
        "    for n in range(3):\n"
        "        print(n, flush=True)\n"
        "        faultpoint('here')\n"
        "finally:\n"
        "    print('cleaned up', flush=True)\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", code],
        env={"KONTOR_FAULTS": "here:2:crash", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert (died.returncode, died.stdout) == (-9, "0\n1\n")
