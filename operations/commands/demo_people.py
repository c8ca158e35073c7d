"""Give the demo world its people, and an empty account to try the API in."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from accounts.commands.api_keys import ShownKey, create_key
from accounts.commands.log_in import set_password
from accounts.commands.open_account import NewAccount, open_account
from accounts.commands.people import add_member, add_user
from accounts.commands.prefer import prefer
from accounts.models import Membership, User
from accounts.queries import open_keys, route_of
from foundation.tenancy import tenant
from kernel.errors import NotFound
from operations.domain.demo import Merchant
from operations.domain.demo_people import PEOPLE, Person

ACTOR = "demo"
SANDBOX = "sandbox"
"""The handle of the empty account; it is opened last, so with it the world is whole."""
KEY_NAME = "Quick start"


def sandbox_of(merchant: Merchant) -> UUID | None:
    """The merchant's empty account, if it is there."""
    try:
        return route_of(f"{merchant.subdomain}/{SANDBOX}").account_id
    except NotFound:
        return None


def invite(accounts: Mapping[str, UUID], *, password: str, now: datetime) -> None:
    """Each person gets a place in the accounts of her organisations, and the password if she has
    none yet."""
    for person in PEOPLE:
        user_id = add_user(email=person.email, name=person.name, now=now)
        user = User.objects.get(id=user_id)
        if not user.has_usable_password():
            prefer(user=user, language=person.language)
            set_password(user=user, password=password)
        for organisation in person.organisations:
            _place(accounts[organisation], user_id, person, now)


def _place(account_id: UUID, user_id: UUID, person: Person, now: datetime) -> None:
    with tenant(account_id) as account:
        add_member(
            account=account,
            user_id=user_id,
            role=Membership.Role(person.role),
            actor=ACTOR,
            now=now,
        )


def open_sandbox(merchant: Merchant, *, beside: UUID, now: datetime) -> UUID:
    """An empty test account in real time; the one that is there, if it is."""
    found = sandbox_of(merchant)
    if found is not None:
        return found
    new = NewAccount(handle=SANDBOX, party=merchant.party, terms=merchant.terms)
    return open_account(beside=beside, new=new, now=now)


def quick_start_key(account_id: UUID, *, now: datetime) -> ShownKey | None:
    """A key to try the API with, shown this once; nothing when the account has one."""
    with tenant(account_id) as account:
        if open_keys(account):
            return None
        return create_key(account=account, name=KEY_NAME, actor=ACTOR, now=now)
