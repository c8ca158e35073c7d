"""The form of the account settings, section by section."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from dashboard import showing
from dashboard.forms import FormField, Section
from kernel.money import CURRENCIES

AREAS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Pacific/")
LANGUAGE_NAMES = (("de", "Deutsch"), ("en", "English"))


class _Maker:
    """Makes fields that hold the present values."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def __call__(self, name: str, label: str, **rest: Any) -> FormField:
        """`limit` is the number of characters; further names are those of `FormField`."""
        more = dict(rest.pop("more", {}))
        if "limit" in rest:
            more["maxlength"] = rest.pop("limit")
        return FormField(name=name, label=label, value=self.values[name], more=more, **rest)


def sections_of(values: Mapping[str, str], *, is_locked: bool) -> list[Section]:
    """All of it; the currency can be chosen while the account is not locked."""
    one = _Maker(values)
    return [
        _basics(one, is_locked=is_locked),
        _location(one),
        _contact(one),
        _legal(one),
        Section(
            _("Logo"),
            _("On documents, in mails and on hosted pages."),
            (FormField(name="logo", label=_("Picture")),),
            name="logo",
        ),
        Section(
            _("Terms of service"),
            _("What customers agree to when they order. Plain text; blank lines part paragraphs."),
            (one("terms_of_service", _("Text"), rows=12, limit=50_000),),
        ),
        _advanced(one),
    ]


def _basics(one: _Maker, *, is_locked: bool) -> Section:
    return Section(
        _("Basics"),
        _("The name stands on invoices, in mails and on hosted pages."),
        (
            one("name", _("Account name"), limit=255, more={"required": True}),
            one(
                "language",
                _("Language"),
                size="half",
                choices=LANGUAGE_NAMES,
                help=_("Of documents and mails to customers who chose none."),
            ),
            one(
                "currency",
                _("Currency"),
                size="half",
                choices=_currencies(one.values["currency"], is_locked=is_locked),
                help=_("Fixed once the account is live."),
            ),
            one(
                "default_vat",
                _("Default VAT"),
                size="half",
                suffix="%",
                limit=12,
                more={"inputmode": "decimal"},
                help=_("For prices that name no rate of their own."),
            ),
        ),
    )


def _location(one: _Maker) -> Section:
    zones = _zones(one.values["timezone"])
    return Section(
        _("Location"),
        _("The time zone decides when a billing day begins."),
        (
            one("address", _("Address"), limit=255),
            one("address2", _("Address, second line"), limit=255),
            one("postal_code", _("Postal code"), size="third", limit=20),
            one("city", _("City"), size="two-thirds", limit=100),
            one("country", _("Country"), size="half", choices=showing.countries()),
            one("timezone", _("Time zone"), size="half", choices=zones),
            one(
                "vat_id",
                _("VAT ID"),
                size="half",
                limit=30,
                help=_("Country code and number, as in DE123456789."),
            ),
        ),
        name="location",
    )


def _contact(one: _Maker) -> Section:
    return Section(
        _("Contact"),
        _("Customers see it on invoices, in mails and in the checkout."),
        (
            one("email", _("E-mail"), size="half", limit=255, more={"type": "email"}),
            one("phone", _("Phone"), size="half", limit=50, more={"type": "tel"}),
            one("website", _("Website"), limit=255, more={"type": "url"}),
        ),
    )


def _legal(one: _Maker) -> Section:
    return Section(
        _("Legal details and bank"),
        _("At the foot of every document; the account that transfers are asked to."),
        (
            one("tax_number", _("Tax number"), size="half", limit=30),
            one("register_entry", _("Commercial register"), size="half", limit=100),
            one("managing_directors", _("Managing directors"), limit=255),
            one("bank_name", _("Bank"), limit=70),
            one("bank_iban", "IBAN", size="two-thirds", limit=34),
            one("bank_bic", "BIC", size="third", limit=11),
        ),
    )


def _advanced(one: _Maker) -> Section:
    return Section(
        _("Advanced"),
        _("A change holds for invoices that are created after it."),
        (
            one(
                "invoice_prefix",
                _("Invoice prefix"),
                size="half",
                limit=20,
                help=_("Begins the number of every invoice."),
            ),
            one(
                "payment_days",
                _("Payment terms"),
                size="half",
                suffix=_("days"),
                limit=3,
                more={"inputmode": "numeric"},
            ),
        ),
    )


def _currencies(present: str, *, is_locked: bool) -> list[tuple[str, str]]:
    codes = {present} if is_locked else CURRENCIES | {present}
    return [(each, each) for each in sorted(codes)]


def _zones(present: str) -> list[tuple[str, str]]:
    known = {each for each in available_timezones() if each.startswith(AREAS)}
    return [(each, each.replace("_", " ")) for each in sorted(known | {present, "UTC"})]
