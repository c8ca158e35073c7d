"""Reads on accounts: the clock, the key, the party on documents."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from accounts.models import (
    Account,
    AccountRoute,
    AccountVersion,
    ApiKey,
    ApiKeyRoute,
    Membership,
    User,
)
from foundation.tenancy import require, tenant
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


@dataclass(frozen=True, slots=True)
class Profile:
    """An account with its present party and the subdomain of its organisation."""

    account: Account
    party: AccountVersion
    organisation: str


def profile(account: Account) -> Profile:
    return Profile(account, party(account), account.organisation.subdomain)


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A private key that opens an account now, without the key itself."""

    account_id: UUID
    masked: str
    keys_expired: int
    """How many keys of the account had been expired when this one was seen to be open."""


def open_key(key: str) -> OpenKey | None:
    """What this private key opens, or nothing: unknown and expired look alike."""
    digest = key_hash(key)
    route = ApiKeyRoute.objects.filter(key_hash=digest).first()
    if route is None:
        return None
    with tenant(route.account_id) as account:
        found = ApiKey.objects.of(account).filter(key_hash=digest, expired_at=None).first()
        known = account.keys_expired
        return None if found is None else OpenKey(account.id, found.masked, known)


def is_open(account: Account, key: str) -> bool:
    """Whether this private key opens the account now."""
    return ApiKey.objects.of(account).filter(key_hash=key_hash(key), expired_at=None).exists()


def account_of_key(key: str) -> UUID | None:
    """The account a private key opens now, or nothing."""
    opened = open_key(key)
    return None if opened is None else opened.account_id


def open_keys(account: Account) -> list[ApiKey]:
    """The account's keys that open it now, newest first."""
    keys = ApiKey.objects.of(account).filter(expired_at=None)
    return list(keys.order_by("-created_at", "-id"))


def key_called(account: Account, name: str) -> ApiKey:
    """The open key that is meant by its id, by itself or by what is shown of it; or `NotFound`,
    also where what is shown fits several."""
    by_name = Q(key_hash=key_hash(name)) | Q(masked=name)
    meant = by_name | Q(id=UUID(name)) if _is_id(name) else by_name
    found = list(ApiKey.objects.of(account).filter(meant, expired_at=None)[:2])
    if len(found) != 1:
        raise NotFound("api_key", "")
    return found[0]


@dataclass(frozen=True, slots=True)
class Place:
    """One account that a person may enter, by its names, and what she is in it."""

    account_id: UUID
    subdomain: str
    handle: str
    is_live: bool
    role: str


def places_of(user: User) -> list[Place]:
    """The accounts a person may enter now, live before test; others do not exist for her."""
    roles = dict(Membership.objects.filter(user=user).values_list("account_id", "role"))
    found = AccountRoute.objects.filter(account_id__in=roles).order_by(
        "subdomain", "-is_live", "handle"
    )
    return [
        Place(each.account_id, each.subdomain, each.handle, each.is_live, roles[each.account_id])
        for each in found
    ]


def names_of(account: Account, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """What these people are called, or else their addresses; only members of the account."""
    require(account)
    members = Membership.objects.filter(account_id=account.id, user_id__in=user_ids)
    rows = members.values_list("user_id", "user__name", "user__email")
    return {user_id: name or email for user_id, name, email in rows}


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
