from collections.abc import Iterator

import pytest

from tests.house.source import Source, broken, functions, planted, python

FUNCTION_MAX, TEST_MAX = 50, 80
FILE_MAX, TEST_FILE_MAX = 350, 500


def long_functions(source: Source) -> Iterator[str]:
    limit = TEST_MAX if source.lies_in("tests") else FUNCTION_MAX
    for function in functions(source.tree):
        lines = (function.end_lineno or 0) - function.lineno + 1
        if lines > limit:
            yield source.at(function, f"{function.name} has {lines} lines")


def long_files(source: Source) -> Iterator[str]:
    limit = TEST_FILE_MAX if source.lies_in("tests") else FILE_MAX
    lines = source.text.count("\n")
    if lines > limit and not source.is_migration:
        yield f"{source.path} has {lines} lines, {limit} are allowed"


def test_no_function_is_longer_than_a_screen():
    assert not broken(long_functions, [each for each in python() if not each.is_migration])


def test_no_file_is_longer_than_a_sitting():
    assert not broken(long_files, python())


@pytest.mark.parametrize(
    ("path", "lines", "is_kept"),
    [
        ("ledger/x.py", 50, True),
        ("ledger/x.py", 51, False),
        ("tests/x.py", 80, True),
        ("tests/x.py", 81, False),
    ],
)
def test_a_function_of_one_line_too_many_is_seen(path, lines, is_kept):
    sample = planted(path, "def f():\n" + "    a = 1\n" * (lines - 1))

    assert (not broken(long_functions, [sample])) is is_kept


@pytest.mark.parametrize(
    ("path", "lines", "is_kept"),
    [
        ("ledger/x.py", 350, True),
        ("ledger/x.py", 351, False),
        ("tests/x.py", 500, True),
        ("tests/x.py", 501, False),
        ("ledger/migrations/0001_x.py", 900, True),
    ],
)
def test_a_file_of_one_line_too_many_is_seen(path, lines, is_kept):
    assert (not broken(long_files, [planted(path, "a = 1\n" * lines)])) is is_kept
