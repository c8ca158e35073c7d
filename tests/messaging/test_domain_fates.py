"""What follows from what became of a mail."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from messaging.domain.fates import Fate, Standing, judge
from messaging.domain.languages import language_of
from messaging.domain.lifecycle import TABLE, Act, State
from messaging.domain.retry import PAUSE_MAX, pause

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
FRESH = Standing(tries=0, doubts=0, queued_at=NOW)
OLD = Standing(tries=40, doubts=0, queued_at=NOW - timedelta(days=3))


@pytest.mark.parametrize("fate", Fate)
def test_every_fate_moves_a_mail_in_flight(fate):
    assert (State.IN_FLIGHT, judge(fate, FRESH, NOW).act) in TABLE


@pytest.mark.parametrize("fate", Fate)
def test_a_mail_is_tried_again_exactly_when_it_goes_back(fate):
    verdict = judge(fate, FRESH, NOW)

    assert (verdict.next_at is not None) == (verdict.act is Act.DEFER)


@pytest.mark.parametrize(
    ("fate", "standing", "act", "tries", "doubts"),
    [
        (Fate.SENT, FRESH, Act.SEND, 1, 0),
        (Fate.KEPT, FRESH, Act.KEEP, 1, 0),
        (Fate.REFUSED, FRESH, Act.FAIL, 1, 0),
        (Fate.BROKEN, FRESH, Act.PARK, 1, 0),
        (Fate.DEFERRED, FRESH, Act.DEFER, 1, 0),
        (Fate.UNREACHED, FRESH, Act.DEFER, 1, 0),
        (Fate.UNTRIED, FRESH, Act.DEFER, 0, 0),
        (Fate.HELD, FRESH, Act.DEFER, 0, 0),
        (Fate.DOUBTFUL, FRESH, Act.DEFER, 1, 1),
        (Fate.DOUBTFUL, Standing(tries=1, doubts=1, queued_at=NOW), Act.PARK, 2, 2),
        (Fate.DEFERRED, OLD, Act.PARK, 41, 0),
        (Fate.UNREACHED, OLD, Act.PARK, 41, 0),
        (Fate.UNTRIED, OLD, Act.DEFER, 40, 0),
        (Fate.SENT, OLD, Act.SEND, 41, 0),
    ],
)
def test_what_follows(fate, standing, act, tries, doubts):
    verdict = judge(fate, standing, NOW)

    assert (verdict.act, verdict.tries, verdict.doubts) == (act, tries, doubts)


def test_pauses_grow_to_two_hours_and_no_further():
    pauses = [pause(tries) for tries in range(1, 30)]

    assert pauses[:4] == [timedelta(minutes=each) for each in (1, 2, 4, 8)]
    assert all(later >= sooner for sooner, later in pairwise(pauses))
    assert pauses[-1] == PAUSE_MAX == timedelta(hours=2)


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        (("de",), "de"),
        (("de-AT", "en"), "de"),
        (("EN_us", "de"), "en"),
        (("fr", "de"), "de"),
        (("", "de"), "de"),
        (("fr", "it"), "en"),
    ],
)
def test_the_first_language_that_we_speak(asked, spoken):
    assert language_of(*asked) == spoken
