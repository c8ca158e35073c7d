"""When a mail is tried again, and when a person must look."""

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(minutes=1)
PAUSE_MAX = timedelta(hours=2)
PATIENCE = timedelta(days=3)
"""A mail server may be away for a long week-end."""
PDF_PATIENCE = timedelta(minutes=15)
"""A mail waits so long for its document; then it goes with the link alone."""
PDF_PAUSE = timedelta(seconds=30)
DOUBTS_MAX = 1
"""Of a mail that may have arrived one repetition is sent, and never a second."""


def pause(tries: int) -> timedelta:
    """How long after the `tries`-th try the next one is made: doubling, up to two hours."""
    return min(FIRST_PAUSE * (1 << min(max(tries - 1, 0), 10)), PAUSE_MAX)


def is_given_up(queued_at: datetime, now: datetime) -> bool:
    """Whether trying alone will not do any more."""
    return now - queued_at >= PATIENCE


def waits_for_document(queued_at: datetime, now: datetime) -> bool:
    """Whether the mail still waits for a document that is not ready."""
    return now - queued_at < PDF_PATIENCE
