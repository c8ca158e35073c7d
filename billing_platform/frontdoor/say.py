"""What the front door tells the person who called it.

Progress goes to standard error and answers to standard output, so that the output of a
management command can be piped.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Trouble(Exception):
    """Something a person can mend; the message says what is wrong, where, and what to do."""


def answer(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announce a piece of work, and its time once it is done."""
    begun = time.monotonic()
    sys.stderr.write(f"  {what} ... ")
    sys.stderr.flush()
    try:
        yield
    except BaseException:
        tell("not done")
        raise
    tell(f"{time.monotonic() - begun:.1f} s")
