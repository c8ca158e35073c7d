"""Instants as the database tells them, read without a detour.

Django reads each of them by a regular expression and then changes its zone; a list of fifty rows
holds a hundred and fifty. The connection is in UTC always, and Python reads that by itself.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg.abc import Buffer
from psycopg.types.datetime import TimestamptzLoader

IN_UTC = b"+00"


class InstantLoader(TimestamptzLoader):
    """What Python cannot read (before the year 1, after 9999, infinity) is left to the driver's.

    Django asks a connection's loader for its `timezone`.
    """

    timezone = UTC

    def load(self, data: Buffer) -> datetime:
        text = bytes(data)
        if text.endswith(IN_UTC) and text[4:5] == b"-":
            return datetime.fromisoformat(text.decode())
        return super().load(data).replace(tzinfo=UTC)


def read_instants_fast() -> None:
    """For every connection that is opened from now on."""
    template = get_adapters_template(settings.USE_TZ, UTC)
    template.register_loader("timestamptz", InstantLoader)
