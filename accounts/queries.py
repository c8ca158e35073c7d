"""Reads on accounts: the clock, the key, the party on documents."""

import hashlib
from datetime import date, datetime
from uuid import UUID

from accounts.models import Account, AccountVersion, ApiKey, ApiKeyRoute
from foundation.tenancy import tenant
from kernel import clock


def business_now(account: Account) -> datetime:
    """The instant that decides what is due in this account: its own clock, or real time."""
    return clock.business_now(account.clock_at)


def business_today(account: Account) -> date:
    """The date of `business_now` in the account's zone."""
    return clock.local_date(business_now(account), account.timezone)


def party(account: Account) -> AccountVersion:
    """Name and address as they are now."""
    return AccountVersion.objects.of(account).get(id=account.version_id)


def key_hash(key: str) -> str:
    """Keys have 128 random bits or more, so a plain SHA-256 gives nothing away."""
    return hashlib.sha256(key.encode()).hexdigest()


def account_of_key(key: str) -> UUID | None:
    """The account a private key opens now, or nothing: unknown and expired look alike."""
    digest = key_hash(key)
    route = ApiKeyRoute.objects.filter(key_hash=digest).first()
    if route is None:
        return None
    with tenant(route.account_id) as account:
        open_keys = ApiKey.objects.of(account).filter(key_hash=digest, expired_at=None)
        return account.id if open_keys.exists() else None
