"""How much one account may ask of the public API."""

from collections.abc import Mapping

from billing_platform.settings.environment import flag, text


def limits() -> Mapping[str, tuple[int, int, int]]:
    """For reads and writes: how many a second, how many at a stroke, how many at once.

    Nothing is held back where a number is 0.
    """
    if flag("KONTOR_API_UNLIMITED"):
        return {"read": (0, 0, 0), "write": (0, 0, 0)}
    at_once = int(text("KONTOR_API_AT_ONCE", "10"))
    return {
        "read": (
            int(text("KONTOR_API_READS_PER_SECOND", "25")),
            int(text("KONTOR_API_READS_BURST", "50")),
            at_once,
        ),
        "write": (
            int(text("KONTOR_API_WRITES_PER_SECOND", "10")),
            int(text("KONTOR_API_WRITES_BURST", "25")),
            at_once,
        ),
    }
