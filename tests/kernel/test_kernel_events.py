"""Events: one kind one class, and nothing lost on the way through JSON."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.events import DomainEvent, from_payload, registered, to_json, to_payload
from kernel.money import Money

if TYPE_CHECKING:
    from kernel.events import JSON


class Outcome(StrEnum):
    PAID = "paid"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class EverythingHappened(DomainEvent):
    kind: ClassVar[str] = "test.everything_happened"
    text: str
    count: int
    is_done: bool
    subject_id: UUID
    due_on: date
    happened_at: datetime
    amount: Money
    outcome: Outcome
    note: str | None
    other_amount: Money | None
    line_ids: tuple[UUID, ...]
    words: tuple[str, ...]
    added_later: int = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class SlimHappened(DomainEvent):
    kind: ClassVar[str] = "test.slim_happened"
    subject_id: UUID


def payload_of(event: DomainEvent) -> dict[str, JSON]:
    """As it comes back from the database."""
    return cast("dict[str, JSON]", json.loads(json.dumps(to_payload(event))))


moneys = st.builds(
    Money, st.integers(-(2**63), 2**63 - 1), st.sampled_from(["EUR", "JPY", "BHD", "DKK"])
)
events = st.builds(
    EverythingHappened,
    text=st.text(),
    count=st.integers(-(2**63), 2**63 - 1),
    is_done=st.booleans(),
    subject_id=st.uuids(),
    due_on=st.dates(),
    happened_at=st.datetimes(
        min_value=datetime.fromisoformat("2000-01-01"), timezones=st.just(UTC)
    ),
    amount=moneys,
    outcome=st.sampled_from(Outcome),
    note=st.none() | st.text(),
    other_amount=st.none() | moneys,
    line_ids=st.lists(st.uuids(), max_size=3).map(tuple),
    words=st.lists(st.text(), max_size=3).map(tuple),
    added_later=st.integers(0, 9),
)


@given(events)
def test_an_event_comes_back_from_json_as_it_went(event: EverythingHappened) -> None:
    again = from_payload(event.kind, payload_of(event))
    assert again == event
    assert type(again) is EverythingHappened
    assert type(again.outcome) is Outcome


@given(events)
def test_the_text_straight_from_the_fields_says_what_the_payload_says(
    event: EverythingHappened,
) -> None:
    assert json.loads(to_json(event)) == payload_of(event)


def test_the_payload_is_written_in_the_agreed_forms() -> None:
    event = EverythingHappened(
        text="a",
        count=1,
        is_done=True,
        subject_id=UUID(int=255),
        due_on=date(2027, 2, 28),
        happened_at=datetime(2027, 2, 28, 1, 30, tzinfo=timezone(timedelta(hours=1))),
        amount=Money(-5, "EUR"),
        outcome=Outcome.PAID,
        note=None,
        other_amount=Money(5, "JPY"),
        line_ids=(UUID(int=1),),
        words=(),
    )
    assert to_payload(event) == {
        "text": "a",
        "count": 1,
        "is_done": True,
        "subject_id": "000000000000000000000000000000ff",
        "due_on": "2027-02-28",
        "happened_at": "2027-02-28T00:30:00+00:00",
        "amount": {"minor": -5, "currency": "EUR"},
        "outcome": "paid",
        "note": None,
        "other_amount": {"minor": 5, "currency": "JPY"},
        "line_ids": ["00000000000000000000000000000001"],
        "words": [],
        "added_later": 7,
    }


def test_an_event_with_slots_travels_too() -> None:
    event = SlimHappened(subject_id=UUID(int=9))
    assert from_payload("test.slim_happened", payload_of(event)) == event
    assert registered()["test.slim_happened"] is SlimHappened


@dataclass(frozen=True, kw_only=True)
class WideHappened(SlimHappened):
    kind: ClassVar[str] = "test.wide_happened"
    count: int


@dataclass(frozen=True, kw_only=True)
class CarefulHappened(DomainEvent):
    kind: ClassVar[str] = "test.careful_happened"
    count: int

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("less than nothing")


def test_an_event_that_extends_one_with_slots_travels_too() -> None:
    event = WideHappened(subject_id=UUID(int=9), count=3)
    assert from_payload("test.wide_happened", payload_of(event)) == event


def test_an_event_that_checks_itself_is_checked_when_read() -> None:
    with pytest.raises(Invalid, match="less than nothing"):
        from_payload("test.careful_happened", {"count": -1})


def test_an_event_that_was_read_is_as_frozen_as_any() -> None:
    event = from_payload("test.everything_happened", complete())
    with pytest.raises(FrozenInstanceError):
        event.text = "b"  # type: ignore[attr-defined]


def test_two_classes_cannot_share_a_kind() -> None:
    with pytest.raises(TypeError, match=r"both call themselves 'test\.slim_happened'"):

        class AnotherHappened(DomainEvent):
            kind: ClassVar[str] = "test.slim_happened"

    assert registered()["test.slim_happened"] is SlimHappened


@pytest.mark.parametrize("kind", ["", "NoDot", "nodot", "a.B", "a..b", "a.b ", None])
def test_an_event_without_a_proper_kind_is_not_made(kind: str | None) -> None:
    with pytest.raises(TypeError, match="needs a kind"):
        type("BadlyNamed", (DomainEvent,), {"kind": kind})


def test_a_class_that_is_no_dataclass_loses_nothing_silently() -> None:
    class BareHappened(DomainEvent):
        kind: ClassVar[str] = "test.bare_happened"

    with pytest.raises(TypeError, match="must be a dataclass"):
        to_payload(BareHappened())


def test_a_type_that_json_cannot_hold_is_named_with_its_field() -> None:
    @dataclass(frozen=True, kw_only=True)
    class FloatHappened(DomainEvent):
        kind: ClassVar[str] = "test.float_happened"
        ratio: float

    with pytest.raises(TypeError, match=r"FloatHappened\.ratio: an event cannot carry"):
        to_payload(FloatHappened(ratio=0.5))


def complete() -> dict[str, JSON]:
    return payload_of(
        EverythingHappened(
            text="a",
            count=1,
            is_done=True,
            subject_id=UUID(int=1),
            due_on=date(2027, 2, 28),
            happened_at=datetime(2027, 2, 28, tzinfo=UTC),
            amount=Money(1, "EUR"),
            outcome=Outcome.OPEN,
            note=None,
            other_amount=None,
            line_ids=(),
            words=(),
        )
    )


def test_a_field_added_later_takes_its_default_in_older_payloads() -> None:
    payload = complete()
    del payload["added_later"]
    event = from_payload("test.everything_happened", payload)
    assert isinstance(event, EverythingHappened)
    assert event.added_later == 7


def test_a_member_of_a_newer_program_is_passed_over() -> None:
    payload = complete()
    assert from_payload("test.everything_happened", payload | {"newer": 1}) == from_payload(
        "test.everything_happened", payload
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 1),
        ("count", "1"),
        ("count", True),
        ("is_done", 1),
        ("subject_id", "ff"),
        ("subject_id", "z" * 32),
        ("subject_id", None),
        ("due_on", "2027-02-30"),
        ("happened_at", "2027-02-28T00:00:00"),
        ("amount", {"minor": "1", "currency": "EUR"}),
        ("amount", {"minor": 1, "currency": "EURO"}),
        ("amount", None),
        ("outcome", "lost"),
        ("line_ids", None),
    ],
)
def test_a_payload_that_does_not_fit_is_refused(name: str, value: JSON) -> None:
    with pytest.raises(Invalid) as refusal:
        from_payload("test.everything_happened", complete() | {name: value})
    assert refusal.value.code == "event_payload_malformed"


def test_a_payload_without_a_required_field_is_refused() -> None:
    payload = complete()
    del payload["amount"]
    with pytest.raises(Invalid, match="amount"):
        from_payload("test.everything_happened", payload)


def test_a_kind_nobody_knows_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        from_payload("test.never_happened", {})
    assert refusal.value.code == "unknown_event_kind"


def test_an_instant_without_a_zone_is_not_written() -> None:
    event = from_payload("test.everything_happened", complete())
    assert isinstance(event, EverythingHappened)
    object.__setattr__(event, "happened_at", datetime.fromisoformat("2027-01-01"))
    with pytest.raises(Invalid, match="time zone"):
        to_payload(event)
