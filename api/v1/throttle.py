"""How much an account may ask: a rate and a number at once, for reads and for writes.

Counted in Valkey, for all processes together, in one round trip; the end of a request is told
without waiting. Where Valkey is away nobody is held back: a limit protects, it decides nothing.
"""

from collections.abc import Mapping
from threading import local
from time import monotonic
from typing import Any
from uuid import UUID

import redis
import structlog
from django.conf import settings

from api.v1.codes import CONCURRENCY_EXCEEDED, RATE_EXCEEDED, TEXTS
from api.v1.errors import Problem

log = structlog.get_logger()

SLOT_MS = 60_000
"""A slot whose process died is free again after this time."""
PATIENCE_SECONDS = 0.5
PAUSE_SECONDS = 5

ENTER = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local rate, burst, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if most > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  if redis.call('ZCARD', KEYS[2]) >= most then return 123 end
end
if rate > 0 then
  local known = redis.call('HMGET', KEYS[1], 'left', 'at')
  local left = tonumber(known[1]) or burst
  left = math.min(burst, left + math.max(0, now - (tonumber(known[2]) or now)) * rate / 1000)
  if left < 1 then return 122 end
  redis.call('HSET', KEYS[1], 'left', tostring(left - 1), 'at', now)
  redis.call('PEXPIRE', KEYS[1], math.ceil(burst * 1000 / rate) + 1000)
end
if most > 0 then
  redis.call('ZADD', KEYS[2], now + ARGV[4], ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
return 0
"""
_MESSAGES: Mapping[int, str] = {
    RATE_EXCEEDED: TEXTS[RATE_EXCEEDED],
    CONCURRENCY_EXCEEDED: TEXTS[CONCURRENCY_EXCEEDED],
}


class _State(local):
    """One connection for each thread, and since when it is not worth asking."""

    def __init__(self) -> None:
        self.client: Any = None
        self.script: Any = None
        self.teller: Any = None
        self.silent_until = 0.0


_state = _State()


def enter(account_id: UUID, request_id: str, *, is_write: bool) -> str:
    """Count a request in; gives the place it holds until `leave`, empty where none is held.

    Raises `Problem` (429) beyond the limits; nothing was done then.
    """
    limits = settings.API_LIMITS["write" if is_write else "read"]
    if not any(limits) or monotonic() < _state.silent_until:
        return ""
    name = f"v1:{account_id.hex}:{'w' if is_write else 'r'}"
    try:
        said = _script()(keys=[f"{name}:rate", f"{name}:now"], args=[*limits, SLOT_MS, request_id])
    except (redis.RedisError, OSError) as error:
        _give_up(error)
        return ""
    if said:
        raise Problem(int(said), _MESSAGES[int(said)], headers={"Retry-After": "1"})
    return f"{name}:now"


def leave(place: str, request_id: str) -> None:
    """The request is answered."""
    if not place:
        return
    try:
        _teller().send_command("ZREM", place, request_id, check_health=False)
    except (redis.RedisError, OSError) as error:
        _give_up(error)


def _script() -> Any:
    if _state.client is None:
        _state.client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
        )
        _state.script = _state.client.register_script(ENTER)
    return _state.script


def _teller() -> Any:
    """A connection on which nothing is answered."""
    if _state.teller is None:
        teller = _state.client.connection_pool.get_connection()
        teller.send_command("CLIENT", "REPLY", "OFF", check_health=False)
        _state.teller = teller
    return _state.teller


def _give_up(error: Exception) -> None:
    _state.silent_until = monotonic() + PAUSE_SECONDS
    if _state.teller is not None:
        _state.teller.disconnect()
        _state.teller = None
    log.warning("api.throttle_away", reason=str(error))
