"""The subscribers of the telco data set, and how each of them pays here.

The data set says by what means a subscriber pays and nothing of how payments end: which card is
given out is decided by a hash of the subscriber's handle, so every import behaves the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2s

from kernel.errors import Invalid
from kernel.money import parse

CURRENCY = "USD"
PLANS = {
    "Month-to-month": "month-to-month",
    "One year": "one-year",
    "Two year": "two-year",
}
"""The contracts of the data set and their plans; its charges are monthly, so all bill monthly."""

VISA, MASTERCARD, MAESTRO = "4111111111111111", "5500000000000004", "6759000000000000"
NUMBERS = {
    "Credit card (automatic)": (VISA, MASTERCARD),
    "Bank transfer (automatic)": (MAESTRO,),
    "Electronic check": (MAESTRO,),
}
"""The means that we can draw from; a mailed check comes by itself, so its claims stay open."""
MEANS = (*NUMBERS, "Mailed check")

PER_MYRIAD = (
    (300, "102"),
    (400, "100"),
    (600, "302"),
    (605, "400"),
    (610, "401"),
    (615, "402"),
    (620, "403"),
)
"""Of ten thousand payers up to the first number get the card with the second: no funds at first,
expired at first, no funds half of the time, answers lost after and before executing, late, and
reported twice. All others pay."""
BOUNCING = "302"
BOUNCING_CHECKS_PERCENT = 8
PAYS = "123"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One row of the data set: a monthly charge in cents, a contract and a means of paying."""

    handle: str
    charge_minor: int
    contract: str
    means: str

    @property
    def plan(self) -> str:
        """The handle of the contract's plan."""
        return PLANS[self.contract]

    @property
    def card(self) -> str | None:
        """The test token of the card that stands for their means, or nothing to draw from."""
        numbers = NUMBERS.get(self.means)
        if numbers is None:
            return None
        number = numbers[_dice(self.handle, "number") % len(numbers)]
        return f"ct_test_{number}_1239_{self._code}_{self.handle}"

    @property
    def _code(self) -> str:
        checks = _dice(self.handle, "check") % 100
        if self.means == "Electronic check" and checks < BOUNCING_CHECKS_PERCENT:
            return BOUNCING
        thrown = _dice(self.handle, "card") % 10_000
        return next((code for upto, code in PER_MYRIAD if thrown < upto), PAYS)


def subscriber(number: int, charge: str, contract: str, means: str) -> Subscriber:
    """The row's subscriber; raises `Invalid` for anything that the data set is not known to hold.

    `charge` is a decimal text of dollars with at most two places.
    """
    for kind, value, known in (("contract", contract, PLANS), ("means", means, MEANS)):
        if value not in known:
            raise Invalid(
                "unknown_in_data_set",
                'Row {row} of the data set has the {kind} "{value}".',
                row=number,
                kind=kind,
                value=value,
            )
    return Subscriber(f"telco-{number:05}", parse(charge, CURRENCY).minor, contract, means)


def list_price(subscribers: Sequence[Subscriber], contract: str) -> int:
    """The contract's middle charge: what its plan costs where nothing else was agreed."""
    charges = sorted(each.charge_minor for each in subscribers if each.contract == contract)
    return charges[len(charges) // 2] if charges else 0


def _dice(handle: str, purpose: str) -> int:
    return int.from_bytes(blake2s(f"{purpose} {handle}".encode(), digest_size=8).digest(), "big")
