"""What a webhook says, as the text that is signed, stored and sent."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime

_DUMPS = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def timestamp(at: datetime) -> str:
    """The text of an instant that goes into the content, and into its signature as it is there."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def signature(secret: str, stamp: str, webhook_id: str) -> str:
    """Proves to whoever knows the secret that this webhook is ours."""
    return hmac.new(secret.encode(), (stamp + webhook_id).encode(), hashlib.sha256).hexdigest()


def content(
    *, webhook_id: str, event: Mapping[str, str], about: Mapping[str, str], at: str, secret: str
) -> str:
    """The text to send: `event` names the event and its type, `about` the things it concerns."""
    members = {"id": webhook_id, **event, "timestamp": at}
    return _DUMPS({**members, "signature": signature(secret, at, webhook_id), **about})


def resigned(text: str, secret: str) -> str:
    """The same content under this secret: byte for byte where it was signed with it already, and
    otherwise all but the signature."""
    members: dict[str, str] = json.loads(text)
    signed = signature(secret, members["timestamp"], members["id"])
    return text.replace(members["signature"], signed)
