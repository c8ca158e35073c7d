"""Words that no kept file may hold: unfinished work, places of one machine, index addresses.

The forbidden words are put together here, so that this file does not hold them itself.
"""

import re
from collections.abc import Iterator

import pytest

from tests.house.source import Source, broken, planted, texts

UNFINISHED = [
    f"{'TO'}DO",
    f"{'FIX'}ME",
    f"{'NotImplemented'}Error",
    f"placeholder {'implementation'}",
    f"real{'-'}world {'implementation'}",
]
PLACES = [f"/{'wo'}rk/", f"/{'ro'}ot/", f"/{'tm'}p/boot", f"../{'sha'}red", f"/{'home'}/"]
INDEXES = [
    f"{'py'}pi.org",
    f"{'python'}hosted.org",
    f"{'npm'}js.org",
    f"--{'index'}-url",
    f"--{'extra'}-index-url",
    f"--{'find'}-links",
    f"--{'trusted'}-host",
]
MAKERS = [
    f"{'clau'}de",
    f"{'anthro'}pic",
    f"{'chat'}gpt",
    f"{'open'}ai",
    f"{'copi'}lot",
    f"language {'model'}",
    f"co-{'authored'}-by",
    f"{'generated'} with",
    f"{'as an'} ai ",
]
MARKS = re.compile(rf"\b{'XX'}X\b(?!\")")
"""A mark of unfinished work, unless it is quoted: it is also the currency that is none."""


def forbidden(source: Source) -> Iterator[str]:
    lowered = source.text.lower()
    for word in (*UNFINISHED, *PLACES, *INDEXES, *MAKERS):
        place = lowered.find(word.lower())
        if place >= 0:
            line = lowered.count("\n", 0, place) + 1
            yield f"{source.path}:{line} holds {word!r}"
    if MARKS.search(source.text):
        yield f"{source.path} holds a mark of unfinished work"


def test_no_kept_file_holds_a_forbidden_word():
    assert not broken(forbidden, texts())


@pytest.mark.parametrize("word", [*UNFINISHED, *PLACES, *INDEXES, *MAKERS, f"# {'XX'}X later"])
def test_each_forbidden_word_is_seen(word):
    assert broken(forbidden, [planted("docs/x.md", f"first line\nthen {word.upper()} here\n")])


def test_the_currency_that_is_none_is_no_mark():
    assert not broken(forbidden, [planted("tests/x.py", f'currency = "{"XX"}X"\n')])
