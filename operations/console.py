"""What commands show on a terminal, and in a log file instead of one."""

import time
from collections.abc import Sequence

from django.core.management.base import OutputWrapper

PLAIN_EVERY_SECONDS = 5.0
LIVE_EVERY_SECONDS = 0.2


class LiveLine:
    """One line that is rewritten on a terminal; elsewhere a line of its own every few seconds."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._is_live = out.isatty()
        self._every = LIVE_EVERY_SECONDS if self._is_live else PLAIN_EVERY_SECONDS
        self._shown_at = time.monotonic()
        self._width = 0

    @property
    def is_due(self) -> bool:
        """Whether it is time to show something again."""
        return time.monotonic() - self._shown_at >= self._every

    def show(self, text: str) -> None:
        """Show progress; what it replaces is gone from a terminal."""
        self._shown_at = time.monotonic()
        if self._is_live:
            self._out.write("\r" + text.ljust(self._width), ending="")
            self._out.flush()
            self._width = len(text)
        else:
            self._out.write(text)

    def say(self, text: str) -> None:
        """A line that stays."""
        if self._width:
            self._out.write("\r" + " " * self._width + "\r", ending="")
            self._width = 0
        self._out.write(text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns: what ends in a digit or a currency stands right, other words left."""
    cells = [list(head), *[list(row) for row in rows]]
    widths = [max(len(line[n]) for line in cells) for n in range(len(head))]
    is_right = [all(row[n][:1] in "0123456789-" for row in rows) for n in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, is_right, strict=True)
        ).rstrip()
        for line in cells
    )
