"""Refusals in the reader's language; what has no words here speaks its own English sentence."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from dashboard.chips import Words
from kernel.errors import KontorError

SENTENCES: Mapping[str, Words] = {
    "name_missing": _("A name is needed."),
    "unknown_country": _("Choose a country."),
    "invalid_vat_id": _(
        "{value} is not a VAT ID: write the country code and the number, as in ATU12345678."
    ),
    "invalid_iban": _("{value} is not an IBAN: write it without spaces."),
    "invalid_bic": _("{value} is not a BIC: it has 8 or 11 capital letters and digits."),
    "unknown_time_zone": _("{zone} is not a time zone."),
    "unknown_language": _("The languages are German and English."),
    "unknown_currency": _("{currency} is not a currency."),
    "currency_locked": _("The currency of a live account stays {currency}."),
    "invalid_rate": _("A tax rate lies between 0 and 100 percent."),
    "invalid_prefix": _("An invoice prefix has 1 to 20 letters, digits or hyphens."),
    "invalid_payment_days": _("Payment terms are 0 to 365 days."),
    "text_too_long": _("This is longer than {limit} characters."),
    "invalid_text": _("This holds a character that cannot be stored."),
    "invalid_email": _("{email} is not an e-mail address."),
    "logo_too_large": _("A logo has at most {limit} KB."),
    "logo_unknown_format": _("A logo is a PNG, JPEG or WebP file."),
    "logo_too_many_pixels": _("A logo has at most {limit} pixels on each side."),
    "invalid_number": _("This is not a number."),
    "concurrent_resource_update": _(
        "Somebody is moving the clock of this account; try again in a moment."
    ),
}
"""By stable code; values in braces are those of the refusal."""


def told(refusal: KontorError) -> str:
    """The sentence for the reader."""
    words = SENTENCES.get(refusal.code)
    if words is None:
        return refusal.sentence
    try:
        return str(words).format(**refusal.values)
    except (KeyError, IndexError):
        return refusal.sentence
