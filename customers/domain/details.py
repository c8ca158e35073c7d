"""What is known of a customer, checked before any of it is stored."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from accounts.domain.details import handle, text
from kernel.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Name, address and tongue of a customer; all of it may be empty."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address: str = ""
    address2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    vat_id: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        for field, limit in LIMITS.items():
            text(getattr(self, field), field=field, limit=limit)
        if self.country and not re.fullmatch(r"[A-Z]{2}", self.country):
            raise Invalid(
                "unknown_country",
                "{country} is no country: give two capital letters, such as DE.",
                field="country",
                country=self.country,
            )
        if self.email and "@" not in self.email:
            raise Invalid(
                "invalid_email", "{email} is no e-mail address.", field="email", email=self.email
            )

    def columns(self) -> tuple[str, ...]:
        """The values in the order of `FIELDS`."""
        return tuple(asdict(self).values())


DEBTOR_NUMBER_MAX = 2**63 - 1
FIELDS = tuple(Details.__dataclass_fields__)
LIMITS = dict.fromkeys(FIELDS, 255) | {
    "postal_code": 20,
    "city": 100,
    "vat_id": 30,
    "phone": 50,
    "language": 10,
}


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to be created under the merchant's own handle."""

    handle: str
    details: Details = Details()
    debtor_number: int | None = None
    metadata: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        handle(self.handle)
        if self.debtor_number is not None:
            debtor_number(self.debtor_number)


def debtor_number(value: int) -> int:
    """The number by which bookkeeping knows a customer: whole, from 1."""
    if not 1 <= value <= DEBTOR_NUMBER_MAX:
        raise Invalid(
            "invalid_debtor_number",
            "A debtor number is 1 to {limit}, not {value}.",
            field="debtor_number",
            limit=DEBTOR_NUMBER_MAX,
            value=value,
        )
    return value
