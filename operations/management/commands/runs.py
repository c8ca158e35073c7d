"""the latest billing runs with their figures and sheets [--account A] [--limit N]"""

from typing import Any

from django.core.management.base import CommandParser

from accounts.models import AccountRoute
from accounts.queries import route_of, routes
from foundation import outbox, queries
from foundation.tenancy import tenant
from operations.console import table
from operations.management.operator_command import OperatorCommand, count
from operations.run_reports import RUN_HEAD, reports, run_row

PARKED_HEAD = ("account", "kind", "id", "why")


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", help="id, SUBDOMAIN/HANDLE or SUBDOMAIN; all unless given")
        parser.add_argument("--limit", type=count, default=20, help="runs of each account (20)")

    def act(self, options: dict[str, Any]) -> None:
        chosen = [route_of(options["account"])] if options["account"] else routes()
        rows = [row for each in chosen for row in _rows(each, options["limit"])]
        self.stdout.write(table(RUN_HEAD, rows) if rows else "no billing runs yet")
        parked = [row for each in chosen for row in _parked(each)]
        if parked:
            self.stdout.write("\nparked, until ./kontor bill --account ACCOUNT --release ID:")
            self.stdout.write(table(PARKED_HEAD, parked))


def _parked(route: AccountRoute) -> list[tuple[str, ...]]:
    with tenant(route.account_id) as account:
        items: list[tuple[str, ...]] = [
            (str(route), each.kind, str(each.subject_id), each.sentence)
            for each in queries.parked(account)
        ]
        dispatches: list[tuple[str, ...]] = [
            (str(route), each.handler, str(each.id), each.reason) for each in outbox.parked(account)
        ]
    return items + dispatches


def _rows(route: AccountRoute, limit: int) -> list[tuple[str, ...]]:
    with tenant(route.account_id) as account:
        found = reports(account, limit=limit)
        return [run_row(str(route), each, account.timezone) for each in found]
