"""Identifiers that sort by the time of their making (UUID version 7, RFC 9562)."""

import os
from array import array
from time import time_ns
from uuid import UUID, SafeUUID

_VERSION_AND_VARIANT = (7 << 76) | (2 << 62)
_BATCH_MAX = 1 << 28
_STEP = 1 << 32
_START_MASK = (1 << 61) - 1
_NS_PER_MS = 1_000_000

# The constructor of UUID checks its argument five ways, which costs more than everything else
# here; the slots take the same values directly.
_put_int = UUID.__dict__["int"].__set__
_put_is_safe = UUID.__dict__["is_safe"].__set__
_UNKNOWN = SafeUUID.unknown
_blank = object.__new__


def uuid_of(number: int) -> UUID:
    """The UUID with these 128 bits; the caller vouches for 0 <= number < 2**128."""
    made = _blank(UUID)
    _put_int(made, number)
    _put_is_safe(made, _UNKNOWN)
    return made


def new_id() -> UUID:
    return uuid_of(_time_bits() | int.from_bytes(os.urandom(8), "big") >> 2)


def new_ids(n: int) -> list[UUID]:
    """`n` identifiers in rising order, all later than those of an earlier call in this process
    as long as the system clock does not step back."""
    if not 0 <= n <= _BATCH_MAX:
        raise ValueError(f"A batch holds 0 to {_BATCH_MAX} identifiers, not {n}.")
    noise = os.urandom(4 * n + 8)
    # The top bit of the random part starts at 0, so that counting up never spills into the time.
    first = _time_bits() + (int.from_bytes(noise[:8], "big") & _START_MASK)
    blank, put_int, put_is_safe, unknown, cls = _blank, _put_int, _put_is_safe, _UNKNOWN, UUID
    made = []
    for bits, extra in zip(
        range(first, first + n * _STEP, _STEP), array("I", noise[8:]), strict=True
    ):
        one = blank(cls)
        put_int(one, bits + extra)
        put_is_safe(one, unknown)
        made.append(one)
    return made


def _time_bits() -> int:
    """Milliseconds in front, then the fraction of the millisecond in the 12 bits the RFC leaves
    for it (method 3), so that calls about a quarter microsecond apart still sort."""
    ms, rest = divmod(time_ns(), _NS_PER_MS)
    return (ms << 80) | _VERSION_AND_VARIANT | ((rest << 12) // _NS_PER_MS << 64)
