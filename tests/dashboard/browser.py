"""A browser for tests: people with a place in an account, logged in, and addresses in it."""

from uuid import UUID

from django.test import Client

from accounts.commands.log_in import set_password
from accounts.commands.people import add_member, add_user
from accounts.models import Membership, User
from accounts.queries import routes
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.ids import new_id
from tests.factories import NOON

PASSWORD = "correct horse battery"


def make_user(*, password: str = PASSWORD, language: str = "en") -> User:
    """A person without any account."""
    user_id = add_user(email=f"anna-{new_id().hex}@example.org", name="Anna", now=NOON)
    user = User.objects.get(id=user_id)
    user.language = language
    user.save(update_fields=["language"])
    set_password(user=user, password=password)
    return user


def admit(user: User, *account_ids: UUID, role: str = "admin") -> None:
    """Give the person a place in each of the accounts; an administrator is there already."""
    for account_id in account_ids:
        with tenant(account_id) as account:
            if role != Membership.Role.ADMIN:
                first = add_user(email=f"first-{new_id().hex}@example.org", name="", now=NOON)
                _place(account, first, "admin")
            _place(account, user.id, role)


def _place(account, user_id: UUID, role: str) -> None:
    add_member(account=account, user_id=user_id, role=Membership.Role(role), actor="test", now=NOON)


def browser(language: str = "en") -> Client:
    """Nobody yet; its address is one that the server answers to."""
    return Client(SERVER_NAME="127.0.0.1", headers={"accept-language": language})


def log_in(client: Client, user: User, *, password: str = PASSWORD):
    return client.post("/login", {"email": user.email, "password": password})


def signed_in_client(account_id: UUID, role: str = "admin", language: str = "en") -> Client:
    """A person of this role in the account, logged in."""
    user = make_user(language=language)
    admit(user, account_id, role=role)
    client = browser(language)
    client.force_login(user)
    session = client.session
    session["since"] = session["seen"] = _now()
    session.save()
    return client


def _now() -> str:
    return wall_now().isoformat()


def path(account_id: UUID, rest: str = "") -> str:
    """The address of a page of the account."""
    route = next(each for each in routes() if each.account_id == account_id)
    return f"/a/{route.subdomain}/{route.handle}/{rest}"
