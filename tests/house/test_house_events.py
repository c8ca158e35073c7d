"""Facts are final and carry ids, amounts and dates: nothing of a person, nothing secret."""

import dataclasses
import typing

import pytest

from billing_platform.subscribers import SUBSCRIBERS
from kernel.events import DomainEvent
from tests.house.facts import events

FREE_TEXT = {"error": "a code of the acquirer's, from a closed list"}
"""Fields that are plain text, each with the reason why no personal value can be in it."""


def problems(event: type[DomainEvent]) -> list[str]:
    found = []
    if not event.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        found.append("can be changed")
    for name, hint in typing.get_type_hints(event).items():
        is_text = hint is str or str in typing.get_args(hint)
        if is_text and name != "kind" and name not in FREE_TEXT:
            found.append(f"{name} is free text")
    return found


@pytest.mark.parametrize("event", events(), ids=lambda event: event.kind)
def test_an_event_is_final_and_carries_nothing_personal(event):
    assert problems(event) == []


@pytest.mark.parametrize("event", events(), ids=lambda event: event.kind)
def test_an_event_is_called_after_what_it_happened_to(event):
    thing, _, happened = event.kind.partition(".")

    assert event.__name__ == f"{_camel(thing)}{_camel(happened)}"
    assert event.__module__.endswith(".events")


def test_every_subscriber_hears_events_that_exist():
    assert set(SUBSCRIBERS) <= set(events())


def test_a_planted_name_and_a_planted_change_are_seen():
    @dataclasses.dataclass(kw_only=True, eq=False)
    class Loose:
        kind: typing.ClassVar[str] = "house.loose"
        customer_id: int
        last_name: str
        city: str | None = None

    assert problems(Loose) == [  # type: ignore[arg-type]
        "can be changed",
        "last_name is free text",
        "city is free text",
    ]


def _camel(words: str) -> str:
    return "".join(word.capitalize() for word in words.split("_"))
