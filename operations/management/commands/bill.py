"""bill what is due, with live progress, and show each run's sheet [--account A] [--customer C]

Everything that workers would do, done here and now: billing, dispatches, payments, look-ups, the
sheet. Safe beside workers. Exits with 1 when a sheet is not even.
"""

import time
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from accounts.models import AccountRoute
from accounts.queries import route_of, routes
from foundation import due
from foundation.tenancy import tenant
from kernel.clock import wall_now
from operations.commands import bill
from operations.commands.release import release
from operations.commands.work_off import Standing, Turn
from operations.console import LiveLine
from operations.management.operator_command import OperatorCommand
from operations.run_reports import RunReport, report, sheet_table
from subscriptions import queries

OPERATOR = "operator"
ENDINGS = {
    Standing.DONE: "done",
    Standing.PAUSED: "paused: ./kontor bill --account {name} --resume lets it go on",
    Standing.BUSY: "held by somebody else; repeat this, or leave it to the workers",
}


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", help="id, SUBDOMAIN/HANDLE or SUBDOMAIN; all unless given")
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--customer", metavar="HANDLE", help="bill this customer again")
        act.add_argument("--pause", metavar="REASON", help="let no further batch begin")
        act.add_argument("--resume", action="store_true", help="let a paused run go on")
        act.add_argument("--release", metavar="ID", help="release what is parked; `runs` lists it")

    def act(self, options: dict[str, Any]) -> None:
        if options["account"]:
            route = route_of(options["account"])
            if self._did_as_asked(route, options):
                return
            chosen = [route]
        elif any(options[each] for each in ("customer", "pause", "resume", "release")):
            raise CommandError("Say which account: --account SUBDOMAIN/HANDLE.")
        else:
            busy = set(due.accounts(wall_now()))
            chosen = [each for each in routes() if each.account_id in busy]
        self._bill(chosen)

    def _did_as_asked(self, route: AccountRoute, options: dict[str, Any]) -> bool:
        """Whether the options asked for one act of a person, and no billing after it."""
        account_id = route.account_id
        if options["pause"]:
            bill.pause(account_id, reason=options["pause"], by=OPERATOR)
            self.stdout.write(f"{route}: paused")
        elif options["resume"]:
            bill.resume(account_id, by=OPERATOR)
            self.stdout.write(f"{route}: goes on with ./kontor bill --account {route}")
        elif options["release"]:
            release(account_id, options["release"], by=OPERATOR)
            self.stdout.write(f"{route}: released; ./kontor bill --account {route} bills it")
        elif options["customer"]:
            opened = bill.bill_customer(account_id, options["customer"], by=OPERATOR)
            self.stdout.write(f"{route}: {opened} periods of {options['customer']} billed")
            return False
        else:
            return False
        return True

    def _bill(self, chosen: list[AccountRoute]) -> None:
        if not chosen:
            self.stdout.write("nothing is due")
        uneven = [str(each) for each in chosen if not self._is_even(each)]
        if uneven:
            raise CommandError(f"not even: {', '.join(uneven)}; see the lines above")

    def _is_even(self, route: AccountRoute) -> bool:
        watch = _Watch(route, LiveLine(self.stdout))
        standings = bill.bill_all([route.account_id], on_turn=watch.hear)
        found = watch.reports()
        watch.line.say(f"{route}: {ENDINGS[standings[route.account_id]].format(name=route)}")
        for each in found:
            watch.line.say(f"run {each.id}: {progress(each, watch.rate)}")
            if each.sheet is not None:
                self.stdout.write(sheet_table(each.sheet))
        return not any(each.is_uneven for each in found)


class _Watch:
    """Follows one account's billing and shows it."""

    def __init__(self, route: AccountRoute, line: LiveLine) -> None:
        self.route, self.line = route, line
        self.run_ids: dict[UUID, None] = {}
        self.billed = 0
        self.begun = time.monotonic()
        with tenant(route.account_id) as account:
            run = queries.open_run(account)
            if run is not None:
                self.run_ids[run.id] = None

    @property
    def rate(self) -> int:
        """Periods a second, all work of theirs included."""
        return int(self.billed / max(time.monotonic() - self.begun, 0.001))

    def hear(self, _: UUID, turn: Turn) -> None:
        self.billed += turn.billed
        if turn.run_id is not None:
            self.run_ids[turn.run_id] = None
        if self.line.is_due:
            for each in self.reports()[-1:]:
                self.line.show(f"{self.route}: {progress(each, self.rate)}")

    def reports(self) -> list[RunReport]:
        with tenant(self.route.account_id) as account:
            return [report(account, run_id) for run_id in self.run_ids]


def progress(run: RunReport, rate: int) -> str:
    """Where the run stands, on one line."""
    return (
        f"{run.state}  due {run.due}  billed {run.billed}  failed {run.failed}  "
        f"parked {run.parked}  {run.amount} billed  {run.collected} collected  {rate}/s"
    )
