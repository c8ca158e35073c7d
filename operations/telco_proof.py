"""Whether the telco account holds, to the cent, what the data set says it must."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Account
from customers.queries import ids_of
from foundation.tenancy import tenant
from invoicing.queries import broken_series, claimed_by_customer
from kernel.money import Money, show
from ledger.queries import balances, unbalanced
from operations.domain.telco import CURRENCY, Subscriber
from subscriptions import queries
from subscriptions.commands.runs import sheet_of
from subscriptions.domain.sheet import Column

RUNS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Proof:
    """What must be, what is in the books by all runs' sheets, and what does not fit."""

    expected_minor: int
    column: Column
    problems: list[str]


def prove(account_id: UUID, subscribers: Sequence[Subscriber], months: int) -> Proof:
    """Compare every book with the data set; each subscriber for themselves, too."""
    expected = sum(each.charge_minor for each in subscribers) * months
    with tenant(account_id) as account:
        column, problems = _sheets(account)
        problems += _sums(account, column, expected)
        problems += _customers(account, subscribers, months)
        problems += [f"number series with a gap: {each}" for each in broken_series(account)]
        problems += [f"unbalanced entry {each}" for each in unbalanced(account)]
    return Proof(expected, column, problems)


def _sheets(account: Account) -> tuple[Column, list[str]]:
    """All runs' sheets as of now, late outcomes among them, added up."""
    whole, problems = Column(), []
    for run in queries.runs(account, RUNS_MAX):
        sheet = sheet_of(account, run.id)
        problems += [] if sheet.is_even else [f"the sheet of run {run.id} is not even"]
        problems += sheet.disagreements
        if run.sheet is None or not run.sheet["is_even"]:
            problems.append(f"run {run.id} was not closed with an even sheet")
        part = sheet.columns.get(CURRENCY, Column())
        for name in Column.__dataclass_fields__:
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
    return whole, problems


def _sums(account: Account, column: Column, expected: int) -> list[str]:
    booked = balances(account)
    said = {
        "the lines": column.lines,
        "the documents": column.documents,
        "the receivables booked": column.ledger,
        "settled, in flight and open": column.settled + column.in_flight + column.open,
        "the ledger's income": -booked.get(("deferred_revenue", CURRENCY), 0),
        "the ledger's receivables and acquirer": sum(
            booked.get((each, CURRENCY), 0) for each in ("receivable", "acquirer")
        ),
    }
    return [
        f"{what} come to {_shown(amount)} instead of {_shown(expected)}"
        for what, amount in said.items()
        if amount != expected
    ]


def _customers(account: Account, subscribers: Sequence[Subscriber], months: int) -> list[str]:
    claimed = claimed_by_customer(account)
    ids = ids_of(account, [each.handle for each in subscribers])
    wrong = [
        each.handle
        for each in subscribers
        if claimed.get(ids[each.handle], (0, 0)) != (months, each.charge_minor * months)
    ]
    problems = [f"{len(wrong)} subscribers were billed wrongly: {', '.join(wrong[:5])}"]
    strangers = len(claimed.keys() - ids.values())
    return (problems if wrong else []) + (
        [f"{strangers} customers are not in the data set"] if strangers else []
    )


def _shown(minor: int) -> str:
    return show(Money(minor, CURRENCY))
