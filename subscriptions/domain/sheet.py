"""The sheet of a billing run: what was said, booked, taken and left open, to 0.00."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """One claim seen by everybody who wrote something down about it, gross in minor units."""

    handle: str
    currency: str
    lines: int
    document: int
    claim: int
    booked: int
    settled: int
    collected: int
    taken: int
    in_flight: int


@dataclass(slots=True)
class Column:
    """The sums of one currency, in minor units."""

    claims: int = 0
    lines: int = 0
    documents: int = 0
    ledger: int = 0
    settled: int = 0
    in_flight: int = 0
    open: int = 0

    @property
    def difference(self) -> int:
        """Zero, or money is lost: the widest gap between what must be equal."""
        covered = self.settled + self.in_flight + self.open
        sums = (self.lines, self.documents, self.ledger, covered)
        return max(sums) - min(sums)


@dataclass(slots=True)
class Sheet:
    """Sums by currency, and the claims on which two books disagree."""

    columns: dict[str, Column]
    disagreements: list[str]

    @property
    def is_even(self) -> bool:
        """Everything agrees, in sum and claim by claim."""
        return not self.disagreements and not any(each.difference for each in self.columns.values())

    def as_json(self) -> dict[str, object]:
        """As it is kept with the closed run."""
        return {
            "is_even": self.is_even,
            "currencies": {
                currency: asdict(column) | {"difference": column.difference}
                for currency, column in sorted(self.columns.items())
            },
            "disagreements": self.disagreements,
        }


NAMED_MAX = 20


def sheet(claims: Iterable[ClaimFacts]) -> Sheet:
    """Add up all claims; name the first that do not agree with themselves."""
    made = Sheet({}, [])
    for claim in claims:
        column = made.columns.setdefault(claim.currency, Column())
        column.claims += 1
        column.lines += claim.lines
        column.documents += claim.document
        column.ledger += claim.booked
        column.settled += claim.taken
        column.in_flight += claim.in_flight
        column.open += claim.claim - claim.settled - claim.in_flight
        problem = disagreement(claim)
        if problem and len(made.disagreements) < NAMED_MAX:
            made.disagreements.append(problem)
    return made


def disagreement(claim: ClaimFacts) -> str:
    """What two books say differently of this claim; empty when they agree."""
    stated = {
        "lines": claim.lines,
        "document": claim.document,
        "ledger": claim.booked,
        "claim": claim.claim,
    }
    paid = {"claim": claim.settled, "ledger": claim.collected, "attempts": claim.taken}
    if len(set(stated.values())) > 1:
        return f"{claim.handle}: stated amounts differ: {_listed(stated)}"
    if len(set(paid.values())) > 1:
        return f"{claim.handle}: settled amounts differ: {_listed(paid)}"
    if not 0 <= claim.settled + claim.in_flight <= claim.claim:
        return f"{claim.handle}: more is settled or in flight than claimed"
    return ""


def _listed(amounts: dict[str, int]) -> str:
    return ", ".join(f"{name} {amount}" for name, amount in amounts.items())
