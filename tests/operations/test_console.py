"""What commands show."""

from io import StringIO

import pytest
from django.core.management.base import OutputWrapper

from operations.console import LiveLine, table


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.fixture
def screen():
    return Terminal()


def test_on_a_terminal_the_line_is_rewritten_and_leaves_no_rest(screen):
    line = LiveLine(OutputWrapper(screen))

    line.show("billed 1000")
    line.show("billed 9")
    line.say("done")

    assert screen.getvalue() == "\rbilled 1000\rbilled 9   \r        \rdone\n"


def test_elsewhere_every_progress_is_a_line_of_its_own():
    log = StringIO()
    line = LiveLine(OutputWrapper(log))

    line.show("billed 1000")
    line.say("done")

    assert log.getvalue() == "billed 1000\ndone\n"


def test_numbers_stand_right_and_words_left():
    assert table(["who", "amount"], [["a", "1.00 EUR"], ["bcde", "-10.00 EUR"]]).splitlines() == [
        "who       amount",
        "a       1.00 EUR",
        "bcde  -10.00 EUR",
    ]
