"""What is wrong with a request before any command has seen it."""

from kernel.errors import Invalid

UNREADABLE = frozenset({"body_malformed", "body_too_large", "member_missing", "member_malformed"})
"""The codes of requests that could not be read, as opposed to read and refused."""


def malformed(path: str, wanted: str) -> Invalid:
    """The member at `path` is not what it must be; `wanted` completes "… must be"."""
    return Invalid(
        "member_malformed", "{field} must be {wanted}.", field=path or "The body", wanted=wanted
    )


def missing(path: str) -> Invalid:
    return Invalid("member_missing", "{field} is missing.", field=path)


def unreadable(why: str) -> Invalid:
    return Invalid("body_malformed", "The body cannot be read: {why}.", why=why)


def too_large(limit: int) -> Invalid:
    return Invalid("body_too_large", "A body has at most {limit} bytes.", limit=limit)
