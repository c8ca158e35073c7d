"""Who is asking: HTTP Basic with a private key as the user, and no password."""

import base64
import binascii
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from accounts.models import Account
from accounts.queries import OpenKey, is_open, key_hash, open_key
from api.v1.codes import NOT_AUTHENTICATED, WRONG_KEY
from api.v1.errors import Problem

REMEMBERED_SECONDS = 10
REMEMBERED_MAX = 10_000
KEY_CHARACTERS_MAX = 255
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="private key"'}


@dataclass(frozen=True, slots=True)
class _Remembered:
    key: OpenKey
    until: float


_lock = Lock()
_remembered: OrderedDict[str, _Remembered] = OrderedDict()
"""Keys that opened an account within the last seconds, by their hash. That one was expired since
is seen at the account's door; a key that opened nothing is asked for again."""


def who(header: str) -> OpenKey:
    """The key behind an Authorization header; raises `Problem` (401)."""
    key = _user(header)
    digest = key_hash(key)
    now = monotonic()
    with _lock:
        found = _remembered.get(digest)
    if found is not None and now < found.until:
        return found.key
    opened = open_key(key)
    if opened is None:
        raise _opens_nothing()
    _remember(digest, _Remembered(opened, now + REMEMBERED_SECONDS))
    return opened


def refuse_expired(account: Account, known: OpenKey, header: str) -> None:
    """At the account's door: raises `Problem` (401) where the key was expired since it was seen."""
    if account.keys_expired == known.keys_expired:
        return
    key = _user(header)
    with _lock:
        _remembered.pop(key_hash(key), None)
    if not is_open(account, key):
        raise _opens_nothing()


def _opens_nothing() -> Problem:
    return Problem(WRONG_KEY, "This private key opens no account.", headers=_CHALLENGE)


def _remember(digest: str, found: _Remembered) -> None:
    with _lock:
        _remembered[digest] = found
        _remembered.move_to_end(digest)
        while len(_remembered) > REMEMBERED_MAX:
            _remembered.popitem(last=False)


def _user(header: str) -> str:
    scheme, _, word = header.partition(" ")
    if scheme.lower() == "basic" and len(word) < 1000:
        try:
            pair = base64.b64decode(word.strip().encode("ascii"), validate=True).decode()
        except (ValueError, binascii.Error):
            pair = ""
        user, _, _ = pair.partition(":")
        if 0 < len(user) <= KEY_CHARACTERS_MAX:
            return user
    raise Problem(
        NOT_AUTHENTICATED,
        "Send a private key as the user of HTTP Basic, with an empty password.",
        headers=_CHALLENGE,
    )
