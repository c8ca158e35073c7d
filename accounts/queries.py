"""Reads on accounts: the clock, the key, the party on documents."""

import hashlib
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from accounts.models import Account, AccountRoute, AccountVersion, ApiKey, ApiKeyRoute
from foundation.tenancy import tenant
from kernel import clock
from kernel.errors import Invalid, NotFound


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
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def account_of_key(key: str) -> UUID | None:
    """The account a private key opens now, or nothing: unknown and expired look alike."""
    digest = key_hash(key)
    route = ApiKeyRoute.objects.filter(key_hash=digest).first()
    if route is None:
        return None
    with tenant(route.account_id) as account:
        open_keys = ApiKey.objects.of(account).filter(key_hash=digest, expired_at=None)
        return account.id if open_keys.exists() else None


def routes() -> list[AccountRoute]:
    """Every account by its names: an operator's view, without any account's content."""
    return list(AccountRoute.objects.order_by("subdomain", "handle"))


def route_of(name: str) -> AccountRoute:
    """The account that an operator calls by its id, by SUBDOMAIN/HANDLE, or by SUBDOMAIN alone.

    Raises `NotFound`, and `Invalid` when the subdomain has several accounts.
    """
    subdomain, _, handle = name.partition("/")
    named = Q(subdomain=subdomain, handle=handle) if handle else Q(subdomain=subdomain)
    if _is_id(name):
        named |= Q(account_id=UUID(name))
    found = list(AccountRoute.objects.filter(named).order_by("subdomain", "handle"))
    if len(found) > 1:
        raise Invalid(
            "account_ambiguous",
            "{name} has several accounts: name one of {accounts}.",
            name=name,
            accounts=[str(each) for each in found],
        )
    if not found:
        raise NotFound("account", name)
    return found[0]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
