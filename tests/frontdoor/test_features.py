import json
import subprocess
import sys

import pytest

from billing_platform.frontdoor import feature_plugin, features
from billing_platform.frontdoor.paths import CLONE

SAMPLE = """
import pytest
@pytest.mark.feature("F001", "F002")
def test_good(): pass
@pytest.mark.feature("F002")
def test_bad(): assert False
@pytest.mark.feature("F003")
def test_left_out(): pytest.skip("no browser")
@pytest.mark.feature("F009")
def test_not_asked(): assert False
def test_unmarked(): assert False
"""
NOT_OURS = ("randomly", "socket", "django", "xdist")


@pytest.fixture
def found(tmp_path):
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = feature\n")
    report = tmp_path / "report.json"
    env = {
        "PYTHONPATH": str(CLONE),
        feature_plugin.ASKED: "F001,F002,F003,F004",
        feature_plugin.REPORT: str(report),
    }
    plugins = [word for name in NOT_OURS for word in ("-p", f"no:{name}")]
    plugin = "billing_platform.frontdoor.feature_plugin"
    argv = [sys.executable, "-m", "pytest", *plugins, "-p", plugin, "-q"]
    subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, check=False)
    return json.loads(report.read_text())


def test_the_plugin_runs_only_what_was_asked_for(found):
    assert found == {
        "F001": {"passed": ["test_sample.py::test_good"]},
        "F002": {"failed": ["test_sample.py::test_bad"], "passed": ["test_sample.py::test_good"]},
        "F003": {"skipped": ["test_sample.py::test_left_out"]},
    }


def test_an_item_is_proven_by_a_pass_without_a_failure(found):
    assert features.unproven(["F001", "F002", "F003", "F004"], found) == ["F002", "F003", "F004"]


def test_each_unproven_item_says_why(found):
    told = features.lines(["F001", "F002", "F004"], found, {"F004": "Plans carry a trial"})

    assert told == [
        "F002  (1 failed, 1 passed)",
        "     test_sample.py::test_bad",
        "F004 Plans carry a trial (no test names it)",
    ]


def test_items_are_read_from_the_checklist(tmp_path):
    checklist = tmp_path / "features.md"
    checklist.write_text("# Features\n\n- F001 Plans carry a trial\n- [x] **F105** Runs: resumed\n")

    assert features.titles(checklist) == {"F001": "Plans carry a trial", "F105": "Runs: resumed"}
