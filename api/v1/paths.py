"""The parts that an address of this dialect is made of; what does not fit them leads nowhere."""

from django.urls import register_converter


class Handle:
    """The merchant's own stable id, or an id of ours, which looks the same."""

    regex = r"[a-zA-Z0-9_.\-@]{1,255}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Number:
    """A whole number that fits any column."""

    regex = "[0-9]{1,9}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


def register() -> None:
    """Make the words known: `<handle:…>` and `<number:…>`."""
    register_converter(Handle, "handle")
    register_converter(Number, "number")
