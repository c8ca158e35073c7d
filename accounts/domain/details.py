"""What a merchant says of itself, checked before any of it is stored."""

import re
from dataclasses import asdict, dataclass
from fractions import Fraction

from stdnum import bic, iban
from stdnum.eu import vat
from stdnum.exceptions import InvalidChecksum, ValidationError

from kernel.clock import zone
from kernel.errors import Invalid
from kernel.money import exponent

HANDLE = re.compile(r"[a-zA-Z0-9_.\-@]{1,255}")
SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Name and address as they stand on documents."""

    name: str
    country: str
    address: str = ""
    address2: str = ""
    postal_code: str = ""
    city: str = ""
    vat_id: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    tax_number: str = ""
    register_entry: str = ""
    managing_directors: str = ""
    bank_name: str = ""
    bank_iban: str = ""
    bank_bic: str = ""

    def __post_init__(self) -> None:
        for field, value in asdict(self).items():
            text(value, field=field, limit=LIMITS.get(field, 255))
        if not self.name.strip():
            raise Invalid("name_missing", "A name is needed.", field="name")
        if not re.fullmatch(r"[A-Z]{2}", self.country):
            raise Invalid(
                "unknown_country",
                "{country} is no country: give two capital letters, such as DE.",
                field="country",
                country=self.country,
            )
        if self.vat_id:
            vat_id(self.vat_id)
        if self.bank_iban:
            bank_iban(self.bank_iban)
        if self.bank_bic:
            bank_bic(self.bank_bic)


LIMITS = {
    "country": 2,
    "postal_code": 20,
    "city": 100,
    "vat_id": 30,
    "phone": 50,
    "tax_number": 30,
    "register_entry": 100,
    "bank_name": 70,
    "bank_iban": 34,
    "bank_bic": 11,
}
"""Characters that a field may have, where it is not 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The settings of an account that decide amounts, dates and words."""

    currency: str = "EUR"
    language: str = "de"
    timezone: str = "Europe/Berlin"
    default_vat: Fraction = Fraction(19, 100)
    invoice_prefix: str = "INV"
    payment_days: int = 14

    def __post_init__(self) -> None:
        exponent(self.currency)
        zone(self.timezone)
        rate(self.default_vat, field="default_vat")
        if self.language not in LANGUAGES:
            raise Invalid(
                "unknown_language",
                "The languages are de and en, not {language}.",
                field="language",
                language=self.language,
            )
        if not re.fullmatch(r"[A-Za-z0-9\-]{1,20}", self.invoice_prefix):
            raise Invalid(
                "invalid_prefix",
                "An invoice prefix has 1 to 20 letters, digits or hyphens.",
                field="invoice_prefix",
            )
        if not 0 <= self.payment_days <= 365:
            raise Invalid(
                "invalid_payment_days", "Payment days are 0 to 365.", field="payment_days"
            )


def handle(value: str, *, field: str = "handle") -> str:
    """The merchant's own stable id: 1 to 255 of letters, digits and ``_ . - @``."""
    if not HANDLE.fullmatch(value):
        raise Invalid(
            "invalid_handle",
            "A handle has 1 to 255 letters, digits or one of _ . - @; {value} has not.",
            field=field,
            value=value,
        )
    return value


def subdomain(value: str) -> str:
    """One label of a DNS name, lower case: what is another name there is another name here."""
    if not SUBDOMAIN.fullmatch(value):
        raise Invalid(
            "invalid_subdomain",
            "A subdomain has 1 to 63 small letters, digits or, between them, hyphens; "
            "{value} has not.",
            field="subdomain",
            value=value,
        )
    return value


def text(value: str, *, field: str, limit: int = 255) -> str:
    """Text as PostgreSQL can hold it: no NUL, no half characters, no more than `limit`."""
    if "\x00" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise Invalid(
            "invalid_text", "{field} holds a character that cannot be stored.", field=field
        )
    if len(value) > limit:
        raise Invalid(
            "text_too_long", "{field} is longer than {limit} characters.", field=field, limit=limit
        )
    return value


def rate(value: Fraction, *, field: str) -> Fraction:
    """A tax rate from 0 to below 1, with at most six places."""
    if not 0 <= value < 1 or (value * 10**6).denominator != 1:
        raise Invalid(
            "invalid_rate",
            "{field} is a fraction from 0 to below 1 with at most six places: 0.19 is 19 %.",
            field=field,
        )
    return value


def vat_id(value: str) -> str:
    """An EU VAT id in its country's pattern, as in ATU12345678.

    The pattern alone: whether a number is given out, and to whom, is for a look-up to say.
    """
    try:
        vat.validate(value)
    except InvalidChecksum:
        return value
    except ValidationError as error:
        raise Invalid(
            "invalid_vat_id",
            "{value} is not a VAT id: country code and number in that country's pattern.",
            field="vat_id",
            value=value,
        ) from error
    return value


def bank_iban(value: str) -> str:
    """An IBAN in its one electronic form: capitals and digits without spaces, checksum right."""
    if not iban.is_valid(value) or iban.compact(value) != value:
        raise Invalid(
            "invalid_iban",
            "{value} is not an IBAN: write it without spaces, as on the bank's papers.",
            field="bank_iban",
            value=value,
        )
    return value


def bank_bic(value: str) -> str:
    """A BIC of 8 or 11 capitals and digits."""
    if not bic.is_valid(value) or bic.compact(value) != value:
        raise Invalid(
            "invalid_bic",
            "{value} is not a BIC: it has 8 or 11 capital letters and digits.",
            field="bank_bic",
            value=value,
        )
    return value
