"""Prove who somebody is by password, at the same cost and with the same answer for strangers."""

import hashlib
import secrets
from datetime import datetime
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from accounts.domain.throttle import (
    FORGOTTEN_AFTER,
    WITH_ONE_ADDRESS,
    WITH_ONE_PERSON,
    Patience,
)
from accounts.models import LoginThrottle, User
from kernel.errors import Invalid, Refused

PASSWORD_MIN = 12
PASSWORD_MAX = 256
EMAIL_MAX = 255


def prove_identity(*, email: str, password: str, address: str, now: datetime) -> User:
    """The person whose password this is; raises `Refused` with one answer for all else.

    A try is counted before the password is looked at, so tries at the same moment count as well;
    the right password forgives the person's failures, not the network address's.
    """
    known_as = email.strip().lower()[:EMAIL_MAX]
    person, place = _digest("person", known_as), _digest("address", address)
    is_open = _counted(place, WITH_ONE_ADDRESS, now)
    is_open = _counted(person, WITH_ONE_PERSON, now) and is_open
    if not is_open or len(password) > PASSWORD_MAX:
        raise _refused()
    user = User.objects.filter(email=known_as, is_active=True).first()
    encoded = user.password if user and user.has_usable_password() else _nobodys_password()
    if not check_password(password, encoded) or user is None or not user.has_usable_password():
        raise _refused()
    LoginThrottle.objects.filter(digest=person).delete()
    LoginThrottle.objects.filter(failed_at__lt=now - FORGOTTEN_AFTER).delete()
    return user


def set_password(*, user: User, password: str) -> None:
    """Another password for the person; her sessions elsewhere end with the old one."""
    if len(password) < PASSWORD_MIN:
        raise Invalid(
            "password_too_short",
            "A password has at least {least} characters.",
            field="password",
            least=PASSWORD_MIN,
        )
    if len(password) > PASSWORD_MAX or "\0" in password:
        raise Invalid(
            "password_unusable",
            "A password has at most {most} characters.",
            field="password",
            most=PASSWORD_MAX,
        )
    user.set_password(password)
    user.save(update_fields=["password"])


def _refused() -> Refused:
    return Refused(
        "log_in_refused",
        "E-mail address or password is wrong, or there were too many tries. "
        "Check both; after several tries wait a few minutes.",
    )


def _counted(digest: str, patience: Patience, now: datetime) -> bool:
    """Whether this try may be made; it counts as failed until it is known to be right."""
    with transaction.atomic():
        LoginThrottle.objects.bulk_create(
            [LoginThrottle(digest=digest, failed_at=now)], ignore_conflicts=True
        )
        row = LoginThrottle.objects.select_for_update().get(digest=digest)
        if row.locked_until is not None and row.locked_until > now:
            return False
        if now - row.failed_at > FORGOTTEN_AFTER:
            row.failures = 0
        row.failures += 1
        row.failed_at = now
        row.locked_until = now + patience.lock_after(row.failures)
        row.save()
    return True


def _digest(kind: str, name: str) -> str:
    keyed = f"{settings.SECRET_KEY}:{kind}:{name}"
    return hashlib.sha256(keyed.encode(errors="surrogatepass")).hexdigest()


@cache
def _nobodys_password() -> str:
    """A hash that belongs to no one, so that a stranger costs what a person costs."""
    return make_password(secrets.token_urlsafe())
