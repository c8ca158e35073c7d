"""What the wire reads, refuses and writes."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as any_of

from api.v1.durations import Duration
from foundation.wire.bodies import dump, parse
from foundation.wire.kinds import (
    Boolean,
    Choice,
    Instant,
    Integer,
    ListOf,
    LocalTime,
    Rate,
    Text,
    handle,
)
from foundation.wire.shapes import Field, Shape, optional
from foundation.wire.times import when
from kernel.errors import Invalid

INNER = Shape("Inner", Field("a", Integer(min=1)))
FIRST, LAST = map(datetime.fromisoformat, ("2000-01-02", "2199-12-30"))
OUTER = Shape(
    "Outer",
    Field("name", Text(max=3)),
    optional("inner", INNER),
    optional("many", ListOf(INNER, max=2)),
    optional("tag", Choice("x", "y")),
)


def path_of(shape, value):
    with pytest.raises(Invalid) as caught:
        shape.read(value)
    return caught.value.code, caught.value.field


def test_what_is_given_is_read_and_what_is_not_is_not_there():
    assert OUTER.read({"name": "a", "tag": None, "other": 1}) == {"name": "a", "tag": None}


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        ({}, "member_missing", "name"),
        ({"name": None}, "member_missing", "name"),
        ({"name": "long"}, "member_malformed", "name"),
        ({"name": "a", "inner": []}, "member_missing", "inner.a"),
        ({"name": "a", "inner": [1]}, "member_malformed", "inner"),
        ({"name": "a", "inner": {}}, "member_missing", "inner.a"),
        ({"name": "a", "inner": {"a": 0}}, "member_malformed", "inner.a"),
        ({"name": "a", "many": {}}, "member_malformed", "many"),
        ({"name": "a", "many": [{"a": 1}, {"a": "1"}]}, "member_malformed", "many[1].a"),
        ({"name": "a", "many": [{"a": 1}] * 3}, "member_malformed", "many"),
        ({"name": "a", "tag": "z"}, "member_malformed", "tag"),
        ([], "member_missing", "name"),
        ([{}], "member_malformed", "The body"),
        ("", "member_malformed", "The body"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(value, code, field):
    assert path_of(OUTER, value) == (code, field)


def test_a_shape_writes_what_has_a_value_and_never_lacks_what_it_must_have():
    shape = OUTER.of_mapping()

    assert shape.write({"name": "a", "tag": "x", "inner": None}) == {"name": "a", "tag": "x"}
    with pytest.raises(AssertionError, match=r"Outer\.name"):
        shape.write({"name": None})
    with pytest.raises(AssertionError, match="none of"):
        shape.write({"name": "a", "tag": "z"})


def test_a_shape_describes_itself():
    assert OUTER.description() == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 3},
            "inner": {"$ref": "#/components/schemas/Inner"},
            "many": {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
            "tag": {"type": "string", "enum": ["x", "y"]},
        },
        "required": ["name"],
    }
    assert OUTER.nested() == [INNER, INNER]


def test_a_member_stands_in_a_shape_once():
    with pytest.raises(AssertionError, match="twice"):
        Shape("Twice", Field("a", Text()), Field("a", Text()))


@pytest.mark.parametrize("value", [True, 1.0, Decimal(1), "1", None, [], 2**63])
def test_a_whole_number_is_nothing_else(value):
    with pytest.raises(Invalid):
        Integer().read(value, "n")


@pytest.mark.parametrize("value", [1, 0, "true", None])
def test_a_truth_is_nothing_else(value):
    with pytest.raises(Invalid):
        Boolean().read(value, "b")


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("FALSE", False), ("0", False)]
)
def test_the_query_says_a_truth_in_four_ways(text, value):
    assert Boolean().read_text(text, "b") is value


def test_a_rate_is_exact_inside_and_a_number_outside():
    assert Rate().read(Decimal("0.19"), "r") == Fraction(19, 100)
    assert Rate().write(Decimal("0.070000")) == 0.07
    for wrong in (Decimal("1.01"), -1, True, "0.19", Decimal("0.1234567"), Decimal("1E-400")):
        with pytest.raises(Invalid):
            Rate().read(wrong, "r")


@given(any_of.text(alphabet="abcXYZ019_.-@", min_size=1, max_size=255))
def test_every_handle_is_taken(text):
    assert handle().read(text, "h") == text


@pytest.mark.parametrize("text", ["", "a b", "a\n", "ä", "a/b", "x" * 256])
def test_what_is_no_handle_is_not(text):
    with pytest.raises(Invalid):
        handle().read(text, "h")


@given(
    any_of.datetimes(FIRST, LAST),
    any_of.integers(-12, 14),
)
def test_a_moment_goes_out_as_a_caller_can_send_it_back(local, hours):
    moment = local.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))

    written = Instant.write(moment)

    assert written.endswith(".000+00:00")
    assert Instant().read(written, "t").moment("Europe/Berlin") == moment
    assert when(written.replace("+00:00", "+0000"), "t").instant == moment
    assert when(written.replace("+00:00", "Z"), "t").instant == moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01", "2026-06-30T22:00:00"),
        ("20260701", "2026-06-30T22:00:00"),
        ("2026-07-01T10:30", "2026-07-01T08:30:00"),
        ("2026-07-01T10:30:15", "2026-07-01T08:30:15"),
        ("2026-03-29T02:30", "2026-03-29T01:30:00"),
    ],
)
def test_a_moment_without_an_offset_is_one_of_the_accounts_zone(text, expected):
    moment = LocalTime().read(text, "t").moment("Europe/Berlin")

    assert moment == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-7-1",
        "2026-13-01",
        "2026-02-30",
        "1999-12-31",
        "2200-01-01",
        "2026-0701",
        "2026-07-01 10:30",
        "2026-07-01T24:00",
        "2026-07-01T10:60",
        "2026-07-01T10:30+25:00",
        "0001-01-01T00:00:00+14:00",
        "2026-07-01T10:30:00" + "0" * 40,
        "٢٠٢٦-07-01",
    ],
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(Invalid):
        when(text, "t")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1M", "2026-02-28T11:00:00"),
        ("P1Y", "2025-03-31T10:00:00"),
        ("P2D", "2026-03-29T10:00:00"),
        ("P3D", "2026-03-28T11:00:00"),
        ("PT48H", "2026-03-29T10:00:00"),
        ("PT72H", "2026-03-28T10:00:00"),
        ("P1W", "2026-03-24T11:00:00"),
        ("P1DT1H1M1S", "2026-03-30T08:58:59"),
    ],
)
def test_a_duration_before_a_moment_goes_by_the_calendar_of_the_zone(text, expected):
    """At noon of 31 March in Berlin; the clocks went forward on the 29th."""
    span = Duration().read(text, "interval")

    moment = span.before(datetime(2026, 3, 31, 10, tzinfo=UTC), "Europe/Berlin")

    assert moment == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "P", "PT", "1M", "P1M2Y", "P-1M", "P1.5M", "P9999M", "p1m"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(Invalid):
        Duration().read(text, "interval")


TEXT = any_of.text(any_of.characters(codec="utf-8", exclude_characters="\\"))
SCALAR = any_of.none() | any_of.booleans() | any_of.integers() | TEXT
LEAVES = any_of.lists(SCALAR, max_size=4) | any_of.dictionaries(TEXT, SCALAR, max_size=4)
JSON = SCALAR | LEAVES | any_of.lists(LEAVES, max_size=3) | any_of.dictionaries(TEXT, LEAVES)


@given(JSON)
def test_what_goes_out_comes_in_again_unless_it_cannot_be_stored(value):
    raw = dump(value)

    if b"\\u0000" not in raw:
        assert parse(raw) == value
    else:
        with pytest.raises(Invalid):
            parse(raw)


@given(any_of.binary(max_size=60))
def test_whatever_bytes_come_are_read_or_refused(raw):
    """Nothing else is ever raised."""
    with suppress(Invalid):
        parse(raw)
