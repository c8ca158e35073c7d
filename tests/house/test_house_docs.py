"""The docs tell what the code knows: no name missing, none left over, no link to nowhere."""

import re
from collections.abc import Callable, Iterator

import pytest

from billing_platform.frontdoor import features
from billing_platform.frontdoor.manage import OWNERS
from billing_platform.frontdoor.paths import CLONE
from tests.house import facts
from tests.house.source import Source, broken, planted, python, texts

REFERENCE = CLONE / "docs" / "reference.md"
SECTIONS: dict[str, Callable[[], set[str]]] = {
    "Words": facts.all_words,
    "Settings": facts.settings,
    "Events": facts.event_kinds,
    "Due kinds": facts.due_kinds,
    "Refusals": facts.refusal_codes,
    "Reasons of a decline": facts.acquirer_words,
    "Reasons of an unknown outcome": facts.unknown_reasons,
    "Fault points": facts.fault_points,
}
LINK = re.compile(r"\[[^\]]+\]\((?!https?:)([^)#\s]+)")
FILE = re.compile(r"`([\w./-]+\.(?:py|md|toml|lock|yml))(?:::(\w+))?`")
WORD = re.compile(r"[`\"]\./kontor ([a-z][a-z-]*)")
"""A word that somebody is sent to stands in quotation marks, also in the program."""
DJANGOS = {*(word.replace("_", "-") for word in OWNERS), "shell"}
TITLE_WORDS_MAX = 8
README_LINES_MAX = 60
ITEMS = [f"F{number:03}" for number in range(1, 201)] + [f"B{number:02}" for number in range(1, 85)]


def section(text: str, title: str) -> str:
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(table: str) -> list[str]:
    """What stands in backquotes at the beginning of a table's rows."""
    return re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)


def pages() -> list[Source]:
    return [each for each in texts() if each.path.endswith(".md")]


def dead_links(source: Source) -> Iterator[str]:
    folder = (CLONE / source.path).parent
    for target in LINK.findall(source.text):
        if not (folder / target).exists():
            yield f"{source.path}: the link {target} leads nowhere"


def missing_files(source: Source) -> Iterator[str]:
    """Files and tests that a page names: they are meant from the root of the clone."""
    written = {each.path: each.text for each in python()}
    for path, test in FILE.findall(source.text):
        if "/" not in path:
            continue
        if not (CLONE / path).exists():
            yield f"{source.path}: there is no {path}"
        elif test and f"def {test}(" not in written.get(path, ""):
            yield f"{source.path}: {path} has no {test}"


def unknown_words(source: Source) -> Iterator[str]:
    for word in WORD.findall(source.text):
        if word not in facts.all_words() | DJANGOS:
            yield f"{source.path}: ./kontor knows no {word}"


@pytest.mark.parametrize("title", SECTIONS)
def test_the_reference_tells_all_and_nothing_that_is_not_so(title):
    told = first_cells(section(REFERENCE.read_text(), title))

    assert sorted(told) == sorted(set(told)), "told twice"
    assert set(told) == SECTIONS[title]()


def test_the_reference_tells_the_sort_of_each_refusal():
    table = section(REFERENCE.read_text(), "Refusals")
    told = dict(re.findall(r"^\| `([^`]+)` \| (\w+) \|", table, re.MULTILINE))

    wrong = [code for code, sorts in facts.refusal_sorts().items() if told.get(code) not in sorts]
    assert wrong == []


def test_every_link_of_every_page_leads_somewhere():
    assert not broken(dead_links, pages())


def test_every_file_and_test_that_a_page_names_is_there():
    assert not broken(missing_files, pages())


def test_every_word_that_is_told_is_known():
    """In the docs, and in every sentence of the program that sends somebody to a word."""
    told = [each for each in texts() if each.path.endswith((".md", ".html", ".py"))]
    shown = [each for each in told if not each.path.startswith("tests/")]

    assert not broken(unknown_words, shown)


def test_the_checklist_names_every_item_once_and_shortly():
    found = features.titles(features.CHECKLIST)
    ids = re.findall(r"^- ([FB]\d+) ", features.CHECKLIST.read_text(), re.MULTILINE)

    assert ids == ITEMS
    assert list(found) == ITEMS
    assert [id_ for id_, title in found.items() if len(title.split()) > TITLE_WORDS_MAX] == []
    assert len(set(found.values())) == len(ITEMS)


def test_no_test_claims_to_prove_an_item_that_is_not_on_the_checklist():
    marks = re.compile(r"mark\.feature\(([^)]*)\)")
    claimed = {
        item
        for source in python()
        if source.lies_in("tests") and not source.lies_in("tests/frontdoor", "tests/house")
        for listed in marks.findall(source.text)
        for item in re.findall(r"\"([^\"]+)\"", listed)
    }

    assert claimed - set(ITEMS) == set()


def test_the_changelog_sorts_what_is_new_by_whom_it_concerns():
    newest = (CLONE / "CHANGELOG.md").read_text().split("\n## ")[1]

    assert re.findall(r"^### (.+)$", newest, re.MULTILINE) == [
        "API",
        "Billing behaviour",
        "Dashboard",
        "Operations",
    ]


def test_the_readme_fits_on_a_screen():
    assert len((CLONE / "README.md").read_text().splitlines()) <= README_LINES_MAX


def test_every_decision_is_told_in_the_same_four_parts():
    found = sorted((CLONE / "docs" / "decisions").glob("*.md"))

    assert found
    for number, page in enumerate(found, start=1):
        headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Alternatives"], page.name
        assert page.name.startswith(f"{number:04}-")


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (dead_links, "see [money](decisions/9999-nothing.md)"),
        (missing_files, "kept by `tests/walks/test_nothing.py`"),
        (missing_files, "kept by `tests/house/test_house_docs.py::test_nothing_of_the_sort`"),
        (unknown_words, "run `./kontor frobnicate` now"),
    ],
)
def test_a_planted_lie_is_seen(rule, text):
    assert broken(rule, [planted("docs/x.md", text)])


def test_a_name_that_is_missing_or_left_over_would_be_seen():
    page = (
        "# x\n\n## Words\n\n| word | what |\n|---|---|\n| `up` | a |\n| `gone` | b |\n\n## Next\n"
    )

    assert first_cells(section(page, "Words")) == ["up", "gone"]
    assert first_cells(section(page, "Settings")) == []
