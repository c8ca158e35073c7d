"""Lifecycles as plain tables: (state, act) -> next state. What is not in the table is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias, TypeVar

from kernel.errors import TransitionRefused

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)
Table: TypeAlias = Mapping[tuple[S, A], S]


def step(table: Table[S, A], state: S, act: A) -> S:
    """The next state, or TransitionRefused naming the acts that are possible instead."""
    following = table.get((state, act))
    if following is None:
        raise TransitionRefused(state, act, acts(table, state))
    return following


def acts(table: Table[S, A], state: S) -> tuple[A, ...]:
    """What can be done in this state, in the order of the table."""
    return tuple(act for origin, act in table if origin == state)


def states(table: Table[S, A]) -> tuple[S, ...]:
    """Every state the table names, in the order of the enum. A member the table forgot is
    missing here, so a test compares this with the enum."""
    named = {origin for origin, _ in table} | set(table.values())
    return tuple(each for enum in {type(one) for one in named} for each in enum if each in named)


def finals(table: Table[S, A]) -> frozenset[S]:
    """The states no act leads out of."""
    return frozenset(table.values()) - {origin for origin, _ in table}


def reachable(table: Table[S, A], start: S) -> frozenset[S]:
    """Every state some series of acts leads to, `start` included."""
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        fresh = {to for (origin, _), to in table.items() if origin == here} - found
        found |= fresh
        waiting.extend(fresh)
    return frozenset(found)


def as_markdown(title: str, table: Table[S, A], initial: S) -> str:
    """One section of the printed lifecycles: same table, same text, on every machine."""
    ends = finals(table)
    lines = [f"## {title}", "", "| state | act | next state |", "|---|---|---|"]
    for state in states(table):
        name = f"**{state}** (start)" if state == initial else f"**{state}**"
        if state in ends:
            lines.append(f"| {name} | (final) | |")
        lines += [f"| {name} | {act} | {table[state, act]} |" for act in acts(table, state)]
    return "\n".join(lines) + "\n"
