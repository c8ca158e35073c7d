"""Users and their places in accounts."""

from datetime import datetime
from uuid import UUID

from accounts.domain.details import text
from accounts.models import Account, Membership, User
from foundation import audit
from foundation.tenancy import require
from kernel.errors import Invalid, NotFound, Refused
from kernel.ids import new_id


def add_user(*, email: str, name: str, now: datetime) -> UUID:
    """The person with this address, made if nobody has it yet; she cannot log in before she
    has set a password."""
    address = text(email.strip().lower(), field="email")
    if "@" not in address:
        raise Invalid("invalid_email", "{email} is no e-mail address.", field="email", email=email)
    user, is_new = User.objects.get_or_create(
        email=address,
        defaults={"id": new_id(), "name": text(name, field="name"), "created_at": now},
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user.id


def add_member(
    *, account: Account, user_id: UUID, role: Membership.Role, actor: str, now: datetime
) -> None:
    """Give the person a place in the account, or another role in it.

    Raises `Refused` when that would leave the account without an administrator.
    """
    require(account)
    if not User.objects.filter(id=user_id).exists():
        raise NotFound("user", user_id)
    if role != Membership.Role.ADMIN:
        _refuse_last_administrator(account, user_id)
    Membership.objects.update_or_create(
        user_id=user_id,
        account_id=account.id,
        defaults={"role": role},
        create_defaults={"id": new_id(), "role": role, "created_at": now},
    )
    audit.record(
        account=account,
        actor=actor,
        act="member.set",
        subject=("user", user_id),
        at=now,
        role=str(role),
    )


def remove_member(*, account: Account, user_id: UUID, actor: str, now: datetime) -> None:
    """Take the person's place in the account away.

    Raises `NotFound` when she has none and `Refused` for the last administrator.
    """
    require(account)
    _refuse_last_administrator(account, user_id)
    removed, _ = Membership.objects.filter(account_id=account.id, user_id=user_id).delete()
    if not removed:
        raise NotFound("member", user_id)
    audit.record(
        account=account, actor=actor, act="member.removed", subject=("user", user_id), at=now
    )


def _refuse_last_administrator(account: Account, user_id: UUID) -> None:
    """Locks the account's places: of two administrators who remove each other one stays."""
    places = Membership.objects.select_for_update().filter(account_id=account.id).order_by("id")
    admins = {each.user_id for each in places if each.role == Membership.Role.ADMIN}
    if admins == {user_id}:
        raise Refused("last_administrator", "The last administrator keeps that role.")
