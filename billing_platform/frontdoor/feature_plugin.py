"""A pytest plugin: runs only the tests that prove the asked checklist ids, and reports on them.

A test names what it proves by `@pytest.mark.feature("F105", …)`. The marks travel with the
reports, because with several processes only the reports come back to the one that writes.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

ASKED = "KONTOR_FEATURES"
REPORT = "KONTOR_FEATURES_REPORT"
PROPERTY = "features"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(Path(os.environ[REPORT])), "feature-report")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = set(os.environ[ASKED].split(","))
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        proves = asked & set(_marked(item.iter_markers("feature")))
        item.user_properties.append((PROPERTY, sorted(proves)))
        (kept if proves else dropped).append(item)
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


class Collector:
    """Gathers outcomes by test, and writes them by checklist id."""

    def __init__(self, report: Path) -> None:
        self.report = report
        self.proves: dict[str, list[str]] = {}
        self.outcomes: dict[str, set[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.proves[report.nodeid] = dict(report.user_properties).get(PROPERTY, [])  # type: ignore[assignment]
        if report.when == "call" or report.outcome != "passed":
            self.outcomes.setdefault(report.nodeid, set()).add(report.outcome)

    def pytest_sessionfinish(self) -> None:
        found: dict[str, dict[str, list[str]]] = {}
        for test, outcomes in self.outcomes.items():
            outcome = "failed" if "failed" in outcomes else min(outcomes)
            for one in self.proves[test]:
                found.setdefault(one, {}).setdefault(outcome, []).append(test)
        self.report.write_text(json.dumps(found, indent=1, sort_keys=True))


def _marked(marks: Iterable[pytest.Mark]) -> list[str]:
    return [str(one) for mark in marks for one in mark.args]
