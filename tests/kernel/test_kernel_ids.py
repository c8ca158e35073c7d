"""Identifiers: version 7, rising, never twice."""

import pickle
import time
from itertools import pairwise
from uuid import RFC_4122, UUID

import pytest

from kernel.ids import new_id, new_ids, uuid_of


def test_an_id_is_a_uuid_of_version_7() -> None:
    for each in [new_id(), *new_ids(50)]:
        assert each.version == 7
        assert each.variant == RFC_4122


def test_an_id_begins_with_the_millisecond_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    made = [new_id(), *new_ids(3)]
    after = time.time_ns() // 1_000_000
    assert all(before <= each.int >> 80 <= after for each in made)


def test_a_batch_rises_without_repeats() -> None:
    batch = new_ids(20_000)
    assert len(batch) == 20_000
    assert all(one < other for one, other in pairwise(batch))


def test_a_later_batch_sorts_behind_an_earlier_one() -> None:
    first, second = new_ids(5_000), new_ids(5_000)
    assert first[-1] < second[0]


def test_small_batches_within_one_millisecond_still_sort() -> None:
    made = [new_ids(1)[0] for _ in range(500)]
    assert made == sorted(made)


def test_batches_of_two_processes_do_not_begin_alike() -> None:
    beginnings = {new_ids(1)[0].int >> 32 & 0x3FFFFFFF for _ in range(100)}
    assert len(beginnings) > 95


def test_neighbours_in_a_batch_are_not_a_fixed_step_apart() -> None:
    steps = {other.int - one.int for one, other in pairwise(new_ids(100))}
    assert len(steps) > 90


def test_an_empty_batch_is_empty() -> None:
    assert new_ids(0) == []


def test_a_batch_of_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="holds 0 to"):
        new_ids(-1)


def test_single_ids_never_repeat() -> None:
    assert len({new_id() for _ in range(5_000)}) == 5_000


def test_a_quickly_built_uuid_is_a_uuid_in_every_way() -> None:
    quick, slow = uuid_of(0x0123456789ABCDEF << 64 | 5), UUID(int=0x0123456789ABCDEF << 64 | 5)
    assert quick == slow
    assert hash(quick) == hash(slow)
    assert (str(quick), quick.hex, quick.is_safe) == (str(slow), slow.hex, slow.is_safe)
    assert pickle.loads(pickle.dumps(quick)) == slow
