"""add a person to an account, or give her another role in it [EMAIL --account A --role R]"""

import getpass
import secrets
import sys
from typing import Any

from django.core.management.base import CommandParser

from accounts.commands.log_in import set_password
from accounts.commands.people import add_member, add_user
from accounts.models import Membership, User
from accounts.queries import route_of
from foundation.tenancy import tenant
from kernel.clock import wall_now
from operations.management.operator_command import OperatorCommand


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        roles = Membership.Role.values
        parser.add_argument("email")
        parser.add_argument(
            "--account", required=True, help="id, SUBDOMAIN/HANDLE or SUBDOMAIN of the account"
        )
        parser.add_argument("--role", choices=roles, default="admin", help="admin unless given")
        parser.add_argument("--name", default="", help="what the person is called")

    def act(self, options: dict[str, Any]) -> None:
        route, now = route_of(options["account"]), wall_now()
        user = User.objects.get(id=add_user(email=options["email"], name=options["name"], now=now))
        if not user.has_usable_password():
            self._give_password(user)
        with tenant(route.account_id) as account:
            role = Membership.Role(options["role"])
            add_member(account=account, user_id=user.id, role=role, actor="operator", now=now)
        self.stdout.write(f"{user.email} is {role.value} of {route}")

    def _give_password(self, user: User) -> None:
        """Asked for on a terminal; elsewhere made, and shown this once."""
        if sys.stdin.isatty():
            set_password(user=user, password=getpass.getpass(f"Password of {user.email}: "))
            return
        password = secrets.token_urlsafe(15)
        set_password(user=user, password=password)
        self.stdout.write(f"Password, shown this once: {password}")
