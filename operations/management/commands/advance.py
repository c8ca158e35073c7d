"""move a test account's own clock to a local time, doing on the way what falls due ACCOUNT TO"""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from accounts.queries import route_of
from foundation.tenancy import tenant
from kernel.periods import local_moment
from operations.commands.advance import advance
from operations.management.operator_command import OperatorCommand
from operations.run_reports import in_zone


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="id, SUBDOMAIN/HANDLE or SUBDOMAIN")
        parser.add_argument("to", help="YYYY-MM-DD or YYYY-MM-DDTHH:MM in the account's zone")

    def act(self, options: dict[str, Any]) -> None:
        route = route_of(options["account"])
        with tenant(route.account_id) as account:
            zone = account.timezone
        to = local_moment(options["to"], zone).instant

        def say(at: datetime) -> None:
            self.stdout.write(f"{in_zone(at, zone)}: all work done")

        advance(route.account_id, to, on_step=say)
        self.stdout.write(f"{route}: the clock stands at {in_zone(to, zone)}")
