"""The terms of a plan as values, checked before a version is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from accounts.domain.details import handle, rate, text
from kernel.errors import Invalid
from kernel.money import Money
from kernel.periods import Schedule, ScheduleKind, Unit

QUANTITY_MAX = 1_000_000
LENGTH_MAX = 12_000
DESCRIPTION_MAX = 2_000
MONTHLY = Schedule(ScheduleKind.MONTH_STARTDATE)


class PartialPeriod(StrEnum):
    """What happens to the stretch before the first fixed day."""

    BILL_FULL = "bill_full"
    BILL_PRORATED = "bill_prorated"
    BILL_ZERO_AMOUNT = "bill_zero_amount"
    NO_BILL = "no_bill"


@dataclass(frozen=True, slots=True)
class Trial:
    """A first free stretch: a number of days or months."""

    unit: Unit
    length: int
    fixed_days: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.length <= LENGTH_MAX:
            raise Invalid("invalid_trial", "A trial lasts 1 to {limit} units.", limit=LENGTH_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """A plan to be created: price per unit and period, and when it is billed."""

    handle: str
    name: str
    price: Money
    schedule: Schedule = MONTHLY
    amount_incl_vat: bool = True
    vat: Fraction | None = None
    quantity: int = 1
    partial_period: PartialPeriod = PartialPeriod.BILL_PRORATED
    prorates_days: bool = True
    minimum_prorated_minor: int = 0
    trial: Trial | None = None
    description: str = ""
    metadata: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        handle(self.handle)
        text(self.description, field="description", limit=DESCRIPTION_MAX)
        name(self.name)
        price(self.price)
        quantity(self.quantity)
        if self.vat is not None:
            rate(self.vat, field="vat")
        price(Money(self.minimum_prorated_minor, self.price.currency))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAddOn:
    """An add-on to be created: price per unit and billing period."""

    handle: str
    name: str
    price: Money
    amount_incl_vat: bool = True
    vat: Fraction | None = None

    def __post_init__(self) -> None:
        handle(self.handle)
        name(self.name)
        price(self.price)
        if self.vat is not None:
            rate(self.vat, field="vat")


def name(value: str) -> str:
    """It becomes the text of invoice lines, and a line says what was bought."""
    if not value.strip():
        raise Invalid("name_missing", "A name is needed.", field="name")
    return text(value, field="name")


def price(value: Money) -> Money:
    """A price is zero or more."""
    if value.minor < 0:
        raise Invalid("invalid_amount", "A price is 0 or more, not {minor}.", minor=value.minor)
    return value


def quantity(value: int) -> int:
    """A quantity is a whole number from 1."""
    if not 1 <= value <= QUANTITY_MAX:
        raise Invalid(
            "invalid_quantity",
            "A quantity is 1 to {limit}, not {value}.",
            field="quantity",
            limit=QUANTITY_MAX,
            value=value,
        )
    return value
