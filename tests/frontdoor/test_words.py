import pytest

from billing_platform.frontdoor import words
from billing_platform.frontdoor.paths import CLONE


def test_help_lists_every_word_of_the_front_door(capsys):
    assert words.call(["help"]) == 0

    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line[:2] == "  "]
    assert set(listed) == {*words.WORDS, *words.SINGLES, *words.commands()}


def test_help_is_the_answer_to_no_word(capsys):
    words.call([])
    unasked = capsys.readouterr().out
    words.call(["--help"])

    assert unasked == capsys.readouterr().out


@pytest.mark.parametrize("path", sorted(CLONE.glob("*/management/commands/[a-z]*.py")))
def test_each_command_of_ours_says_in_a_line_what_it_does(path):
    assert words.commands()[path.stem.replace("_", "-")]


@pytest.mark.parametrize("word", sorted(words.WORDS | words.SINGLES))
def test_each_word_has_a_handler(word):
    what = (words.WORDS | words.SINGLES)[word]

    module = __import__(f"billing_platform.frontdoor.{what.module}", fromlist=[what.handler])
    assert callable(getattr(module, what.handler))
