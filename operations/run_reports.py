"""A billing run as a person reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from accounts.models import Account
from kernel import clock
from kernel.money import Money, show
from operations.console import table
from subscriptions import queries
from subscriptions.domain.lifecycle import RunState
from subscriptions.queries import RunFigures

if TYPE_CHECKING:
    from subscriptions.models import BillingRun

SHEET_HEAD = (
    "currency", "claims", "lines", "documents", "ledger", "settled", "in flight", "open",
    "difference",
)  # fmt: skip
AMOUNTS = ("lines", "documents", "ledger", "settled", "in_flight", "open", "difference")
RUN_HEAD = (
    "account", "run", "state", "due by", "billed", "due", "failed", "parked", "amount",
    "collected", "sheet",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Where a run stands; `due` is what is still to be billed, `sheet` nothing before it closes."""

    id: UUID
    state: RunState
    due_by: datetime
    pause_reason: str
    figures: Sequence[RunFigures]
    due: int
    parked: int
    sheet: Mapping[str, Any] | None

    @property
    def billed(self) -> int:
        """Periods opened, in all currencies."""
        return sum(each.billed for each in self.figures)

    @property
    def failed(self) -> int:
        """Claims on which a payment was declined."""
        return sum(each.failed for each in self.figures)

    @property
    def amount(self) -> str:
        """What was billed, a sum for each currency."""
        return _sums([(each.billed_minor, each.currency) for each in self.figures])

    @property
    def collected(self) -> str:
        """What has come in, a sum for each currency."""
        return _sums([(each.collected_minor, each.currency) for each in self.figures])

    @property
    def is_uneven(self) -> bool:
        """Closed, and two books disagree."""
        return self.sheet is not None and not self.sheet["is_even"]


def reports(account: Account, *, limit: int) -> list[RunReport]:
    """The account's latest runs, newest first."""
    return [_report(account, run) for run in queries.runs(account, limit)]


def report(account: Account, run_id: UUID) -> RunReport:
    """One run, or `NotFound`."""
    return _report(account, queries.run(account, run_id))


def _report(account: Account, run: "BillingRun") -> RunReport:
    is_open = run.state != RunState.CLOSED
    return RunReport(
        id=run.id,
        state=RunState(run.state),
        due_by=run.due_by,
        pause_reason=run.pause_reason,
        figures=queries.figures(account, run.id),
        due=queries.due_count(account, run.due_by) if is_open else 0,
        parked=queries.parked_of_run(account, run),
        sheet=run.sheet,
    )


def run_row(name: str, run: RunReport, zone: str) -> tuple[str, ...]:
    """The run as a row under `RUN_HEAD`, its instant in `zone`."""
    state = f"{run.state} ({run.pause_reason})" if run.pause_reason else str(run.state)
    return (
        name,
        str(run.id),
        state,
        in_zone(run.due_by, zone),
        str(run.billed),
        str(run.due),
        str(run.failed),
        str(run.parked),
        run.amount,
        run.collected,
        verdict(run),
    )


def in_zone(at: datetime, zone: str) -> str:
    """The instant as the account's wall clock shows it, to the minute."""
    return f"{at.astimezone(clock.zone(zone)):%Y-%m-%d %H:%M}"


def verdict(run: RunReport) -> str:
    """What a closed run's sheet comes to."""
    if run.sheet is None:
        return "not yet"
    if run.is_uneven:
        return "UNEVEN"
    return "even, " + _sums([(0, each) for each in run.sheet["currencies"]])


def sheet_table(sheet: Mapping[str, Any]) -> str:
    """The sheet by currency, and the claims on which two books disagree."""
    rows = [
        (
            currency,
            str(column["claims"]),
            *(show(Money(column[name], currency)) for name in AMOUNTS),
        )
        for currency, column in sheet["currencies"].items()
    ]
    disagreements = [f"  {each}" for each in sheet["disagreements"]]
    return "\n".join([table(SHEET_HEAD, rows), *disagreements])


def _sums(amounts: Sequence[tuple[int, str]]) -> str:
    return " + ".join(show(Money(minor, currency)) for minor, currency in amounts) or "0"
