"""Lifecycle tables: a step is in the table, or it is refused."""

from enum import StrEnum

import pytest

from kernel.errors import TransitionRefused
from kernel.lifecycle import acts, as_markdown, finals, reachable, states, step


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    LOCKED = "locked"
    WALLED_UP = "walled_up"
    FORGOTTEN = "forgotten"


class Move(StrEnum):
    CLOSE = "close"
    OPEN = "open"
    LOCK = "lock"
    WALL_UP = "wall_up"


TABLE = {
    (Door.OPEN, Move.CLOSE): Door.SHUT,
    (Door.SHUT, Move.OPEN): Door.OPEN,
    (Door.SHUT, Move.LOCK): Door.LOCKED,
    (Door.LOCKED, Move.OPEN): Door.SHUT,
    (Door.LOCKED, Move.WALL_UP): Door.WALLED_UP,
}


@pytest.mark.parametrize("state", Door)
@pytest.mark.parametrize("act", Move)
def test_every_pair_is_in_the_table_or_refused(state: Door, act: Move) -> None:
    if (state, act) in TABLE:
        assert step(TABLE, state, act) is TABLE[state, act]
        return
    with pytest.raises(TransitionRefused) as refusal:
        step(TABLE, state, act)
    assert refusal.value.values == {"state": state.value, "act": act.value}


def test_a_refusal_names_the_ways_out() -> None:
    with pytest.raises(TransitionRefused, match="Possible now: open, lock"):
        step(TABLE, Door.SHUT, Move.WALL_UP)


def test_a_final_state_says_that_it_is_one() -> None:
    with pytest.raises(TransitionRefused, match="Nothing more can be done"):
        step(TABLE, Door.WALLED_UP, Move.OPEN)


def test_states_come_in_the_order_of_the_enum_without_the_forgotten() -> None:
    assert states(TABLE) == (Door.OPEN, Door.SHUT, Door.LOCKED, Door.WALLED_UP)


def test_a_final_state_has_no_way_out() -> None:
    assert finals(TABLE) == {Door.WALLED_UP}
    assert acts(TABLE, Door.WALLED_UP) == ()


def test_reachable_is_what_some_series_of_acts_leads_to() -> None:
    assert reachable(TABLE, Door.OPEN) == set(states(TABLE))
    assert reachable(TABLE, Door.WALLED_UP) == {Door.WALLED_UP}


def test_the_printed_table_shows_every_step_and_the_ends() -> None:
    assert as_markdown("Door", TABLE, Door.OPEN) == (
        "## Door\n\n| state | act | next state |\n|---|---|---|\n"
        "| **open** (start) | close | shut |\n"
        "| **shut** | open | open |\n"
        "| **shut** | lock | locked |\n"
        "| **locked** | open | shut |\n"
        "| **locked** | wall_up | walled_up |\n"
        "| **walled_up** | (final) | |\n"
    )
