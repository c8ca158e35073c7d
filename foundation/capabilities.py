"""Links that are themselves the leave: who holds the token sees the one thing it was minted for.

A token has 128 random bits and is kept as its hash alone, bound to an account, a thing, a purpose
and an end. Whatever a token is good for, it is looked up with the same two statements.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from foundation import bulk
from foundation.models import Capability, CapabilityRoute
from foundation.tenancy import opening
from kernel.ids import new_ids

if TYPE_CHECKING:
    from accounts.models import Account

TOKEN_BYTES = 16
NOBODY = UUID(int=0)
"""The account that an unknown token is looked for in: it has no rows, and costs the same."""
HOSTED = "p"
"""Where the hosted pages lie: the first part of their addresses."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token opens now: one thing, in one account."""

    account_id: UUID
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class _Owner:
    id: UUID


def mint(
    *,
    account: "Account",
    purpose: str,
    subjects: Sequence[tuple[str, UUID]],
    now: datetime,
    lifetime: timedelta,
) -> list[str]:
    """One token for each (kind, id), good until `lifetime` from `now`, which is wall time.

    This is the only time that they are seen.
    """
    tokens = [secrets.token_urlsafe(TOKEN_BYTES) for _ in subjects]
    hashes = list(map(token_hash, tokens))
    bulk.insert(
        Capability,
        ("id", "subject_kind", "subject_id", "token_hash"),
        [
            (id_, kind, subject, digest)
            for id_, (kind, subject), digest in zip(
                new_ids(len(subjects)), subjects, hashes, strict=True
            )
        ],
        same={"purpose": purpose, "created_at": now, "expires_at": now + lifetime},
    )
    CapabilityRoute.objects.bulk_create(
        CapabilityRoute(token_hash=digest, account_id=account.id) for digest in hashes
    )
    return tokens


def resolve(token: str, *, purpose: str, now: datetime) -> Grant | None:
    """What the token opens for `purpose` at `now`; outside any door.

    Unknown, expired and minted for something else look alike, in the answer and in the work.
    """
    digest = token_hash(token)
    route = CapabilityRoute.objects.filter(token_hash=digest).first()
    owner = _Owner(route.account_id if route else NOBODY)
    with opening(owner.id):
        found = Capability.objects.of(owner).filter(
            token_hash=digest, purpose=purpose, expires_at__gt=now
        )
        capability = found.first()
    return Grant(owner.id, capability.subject_id) if capability else None


def token_hash(token: str) -> str:
    """The bits of a token are random, so a plain SHA-256 gives nothing away."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def hosted_address(token: str) -> str:
    """Where the holder of the token looks."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/{HOSTED}/{token}"
