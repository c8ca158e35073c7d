"""Everything a document says, as plain values: what is printed, judged and shown is made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The merchant as of the document's day."""

    name: str
    address: str
    address2: str
    postal_code: str
    city: str
    country: str
    vat_id: str
    tax_number: str
    email: str
    phone: str
    website: str
    register_entry: str
    managing_directors: str
    bank_name: str
    bank_iban: str
    bank_bic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The customer as of the document's day."""

    company: str
    first_name: str
    last_name: str
    address: str
    address2: str
    postal_code: str
    city: str
    country: str
    vat_id: str

    @property
    def person(self) -> str:
        """First and last name, as far as they are known."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """One line; `incl_vat` says whether `unit_minor` is gross."""

    position: int
    origin: str
    text: str
    quantity: int
    unit_minor: int
    incl_vat: bool
    vat_rate: Decimal
    net_minor: int
    tax_minor: int
    gross_minor: int
    service_from: date
    service_to: date


@dataclass(frozen=True, slots=True)
class RateSum:
    """What the lines of one tax rate come to."""

    vat_rate: Decimal
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """A document with its claim's names, parties and lines; amounts in minor units."""

    id: UUID
    invoice_id: UUID
    invoice_handle: str
    customer_id: UUID
    customer_handle: str
    kind: str
    number: str
    issued_on: date
    due_on: date
    service_from: date
    service_to: date
    language: str
    currency: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    is_test: bool
    sender: Sender
    recipient: Recipient
    lines: tuple[FactLine, ...]

    @property
    def rates(self) -> tuple[RateSum, ...]:
        """The sums of each tax rate, lowest rate first; together they are the document's."""
        return rate_sums(self.lines)

    @property
    def is_gross(self) -> bool:
        """Every price of the document includes its tax."""
        return all(each.incl_vat for each in self.lines)


def rate_sums(lines: Sequence[FactLine]) -> tuple[RateSum, ...]:
    """Net, tax and gross of each rate that occurs."""
    found = []
    for rate in sorted({each.vat_rate for each in lines}):
        same = [each for each in lines if each.vat_rate == rate]
        found.append(
            RateSum(
                rate,
                sum(each.net_minor for each in same),
                sum(each.tax_minor for each in same),
                sum(each.gross_minor for each in same),
            )
        )
    return tuple(found)
