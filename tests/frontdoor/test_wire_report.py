import re

import pytest

from api.contract import operations
from api.docs import coverage
from api.docs.routes import served
from billing_platform.frontdoor import features
from billing_platform.frontdoor.say import Trouble

LINE = re.compile(r"(.+) (\d+) of (\d+)")


def counted(text):
    """Title to how many are served, of how many."""
    return {
        found[1]: (int(found[2]), int(found[3])) for found in map(LINE.fullmatch, text) if found
    }


def test_the_word_counts_the_served_operations_without_any_server(capfd):
    assert features.features(["--wire"]) == 0

    assert capfd.readouterr().out.splitlines() == list(coverage.report())


def test_the_word_takes_no_item_beside_it():
    with pytest.raises(Trouble, match="alone"):
        features.features(["--wire", "F001"])


def test_the_sums_are_those_of_the_contract():
    lines = counted(coverage.report())
    kinds = [each.kind for each in operations().values()]
    apart = set(coverage.KEPT_FOR_CLIENTS.values())

    assert lines["all"][1] == kinds.count("current")
    assert sum(lines[each][1] for each in apart) == len(kinds) - kinds.count("current")
    groups = [each for title, each in lines.items() if title not in {*apart, "all"}]
    assert tuple(map(sum, zip(*groups, strict=True))) == lines["all"]
    assert all(done <= of for done, of in lines.values())


def test_an_operation_counts_when_its_method_has_an_address(monkeypatch):
    only = [each for each in served() if each.name == "GET /v1/customer/{handle}"]
    monkeypatch.setattr(coverage, "served", lambda: only)

    lines = counted(coverage.report())
    assert lines["customer"] == (1, 10)
    assert lines["all"][0] == 1
