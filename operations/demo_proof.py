"""What the books of an account come to, and whether they agree."""

from dataclasses import dataclass

from accounts.models import Account
from invoicing.queries import broken_series, claimed_by_customer
from kernel.money import Money, show
from ledger.queries import balances, unbalanced
from subscriptions import queries

RUNS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of all claims of an account that bills in one currency, in minor units."""

    currency: str
    customers: int
    claims: int
    billed: int
    collected: int
    open: int

    def __str__(self) -> str:
        shown = [show(Money(each, self.currency)) for each in (self.billed, self.collected)]
        return (
            f"{self.customers} customers  {self.claims} invoices  "
            f"billed {shown[0]}  collected {shown[1]}  "
            f"open {show(Money(self.open, self.currency))}"
        )


def totals(account: Account) -> Totals:
    """As of now: what was billed by the claims, the rest by the ledger."""
    claimed = claimed_by_customer(account)
    booked = balances(account)
    return Totals(
        currency=account.currency,
        customers=len(claimed),
        claims=sum(number for number, _ in claimed.values()),
        billed=sum(minor for _, minor in claimed.values()),
        collected=booked.get(("acquirer", account.currency), 0),
        open=booked.get(("receivable", account.currency), 0),
    )


def problems(account: Account) -> list[str]:
    """Where two books disagree; none, or something is broken."""
    found = [f"unbalanced entry {each}" for each in unbalanced(account)]
    found += [f"number series with a gap: {each}" for each in broken_series(account)]
    for run in queries.runs(account, RUNS_MAX):
        if run.sheet is None or not run.sheet["is_even"]:
            found.append(f"run {run.id} was not closed with an even sheet")
    sums = totals(account)
    if sums.billed != sums.collected + sums.open:
        found.append(f"billed is not what was collected and is open: {sums}")
    if {currency for _, currency in balances(account)} - {account.currency}:
        found.append("money in a currency that nobody was billed in")
    return found
