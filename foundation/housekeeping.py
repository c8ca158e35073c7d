"""What must be done now and then so that the tables stay in shape."""

from datetime import datetime

from django.db import connection

from foundation.models import Heartbeat

MONTHS_AHEAD = 3


def beat(name: str, *, now: datetime) -> None:
    """`name` is alive at `now`."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": now})


def keep(*, now: datetime) -> None:
    """Make the outbox's partitions for the coming months.

    The application's role may not create tables; a function of the owner does this one thing.
    """
    with connection.cursor() as cursor:
        for ahead in range(MONTHS_AHEAD + 1):
            cursor.execute(
                "SELECT kontor_outbox_partition((%s::date + make_interval(months => %s))::date)",
                [now.date(), ahead],
            )
