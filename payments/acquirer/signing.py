"""How both sides prove who they are: HMAC-SHA256 with a shared secret, over time and content.

A request is signed over timestamp, method, path with query, and body; a callback over the word
CALLBACK instead of method and path (it may pass a proxy that rewrites paths), so that neither
signature can be replayed as the other.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

TIMESTAMP_HEADER = "X-Acquirer-Timestamp"
SIGNATURE_HEADER = "X-Acquirer-Signature"
TOLERANCE_SECONDS = 300
CALLBACK_PURPOSE = "CALLBACK"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is signed: `purpose` is "METHOD /path?query" of a request, or CALLBACK_PURPOSE."""

    purpose: str
    body: bytes


def signed_headers(secret: str, envelope: Envelope, *, at: int) -> dict[str, str]:
    """`at` is the wall clock in whole seconds since 1970."""
    return {TIMESTAMP_HEADER: str(at), SIGNATURE_HEADER: _signature(secret, envelope, str(at))}


def is_authentic(secret: str, envelope: Envelope, headers: Mapping[str, str], *, now: int) -> bool:
    """True only for our own signature, made at most five minutes from `now` in either direction."""
    at = headers.get(TIMESTAMP_HEADER, "")
    given = headers.get(SIGNATURE_HEADER, "")
    if not (at.isascii() and at.isdigit() and len(at) <= 12):
        return False
    if abs(int(at) - now) > TOLERANCE_SECONDS:
        return False
    expected = _signature(secret, envelope, at)
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))


def _signature(secret: str, envelope: Envelope, at: str) -> str:
    message = f"{at}\n{envelope.purpose}\n".encode() + envelope.body
    return hmac.digest(secret.encode(), message, hashlib.sha256).hex()
