"""Create and expire API keys: several, named, shown once, hashed, revocable at once."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from accounts.domain.details import text
from accounts.models import Account, ApiKey, ApiKeyRoute
from accounts.queries import key_hash
from foundation import audit
from kernel.errors import NotFound
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class ShownKey:
    """The one time a key is seen; its repr keeps it to itself."""

    id: UUID
    key: str

    def __repr__(self) -> str:
        return f"ShownKey(id={self.id})"


def create_key(*, account: Account, name: str, actor: str, now: datetime) -> ShownKey:
    """A new private key, 192 random bits; its prefix tells test from live."""
    text(name, field="name")
    mode = "live" if account.state == Account.State.LIVE else "test"
    key = f"priv_{mode}_{secrets.token_hex(24)}"
    row = ApiKey.objects.of(account).create(
        id=new_id(),
        account_id=account.id,
        name=name,
        key_hash=key_hash(key),
        masked=f"{key[:10]}…{key[-4:]}",
        created_at=now,
    )
    ApiKeyRoute.objects.create(key_hash=row.key_hash, account_id=account.id)
    audit.record(
        account=account, actor=actor, act="api_key.created", subject=("api_key", row.id), at=now
    )
    return ShownKey(row.id, key)


def expire_key(*, account: Account, key_id: UUID, actor: str, now: datetime) -> None:
    """From this commit on the key opens nothing; raises `NotFound` for one that is not open."""
    keys = ApiKey.objects.of(account).filter(id=key_id, expired_at=None)
    key = keys.select_for_update().first()
    if key is None:
        raise NotFound("api_key", key_id)
    key.expired_at = now
    key.save(update_fields=["expired_at"])
    ApiKeyRoute.objects.filter(key_hash=key.key_hash).delete()
    Account.objects.filter(id=account.id).update(keys_expired=F("keys_expired") + 1)
    audit.record(
        account=account, actor=actor, act="api_key.expired", subject=("api_key", key_id), at=now
    )
