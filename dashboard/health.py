"""Whether the servers answer, and who of the machine showed life."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from foundation import queries

# Beat sends every ten seconds; three missed beats are a sign, one is not.
FRESH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Beat:
    name: str
    beat_at: datetime
    fresh: bool


@dataclass(frozen=True, slots=True)
class Health:
    """One look at the machine; without the database nothing else is known."""

    database: bool
    valkey: bool
    beats: list[Beat]
    due: dict[str, int]

    @property
    def well(self) -> bool:
        beating = bool(self.beats) and all(beat.fresh for beat in self.beats)
        return self.database and self.valkey and beating


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def valkey_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def look(now: datetime) -> Health:
    """All of it, at this instant."""
    if not database_answers():
        return Health(database=False, valkey=valkey_answers(), beats=[], due={})
    beats = [
        Beat(name=name, beat_at=beat_at, fresh=now - beat_at < FRESH)
        for name, beat_at in sorted(queries.heartbeats().items())
    ]
    return Health(
        database=True,
        valkey=valkey_answers(),
        beats=beats,
        due=dict(sorted(queries.due_counts(now).items())),
    )
