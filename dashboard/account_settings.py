"""What the merchant says of itself, and what decides amounts, dates and words."""

import re
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _

from accounts.commands.change_details import (
    change_logo,
    change_party,
    change_terms,
    change_terms_of_service,
)
from accounts.domain.details import Party, Terms
from accounts.domain.logo import BYTES_MAX
from accounts.domain.rights import Right
from dashboard import showing
from dashboard.doors import AccountView
from dashboard.forms import Section, with_error
from dashboard.refusals import told
from dashboard.sessions import say
from dashboard.settings_form import sections_of
from dashboard.vat_formats import VAT_FORMATS
from foundation import files
from kernel.errors import Invalid, KontorError, NotFound


class AccountSettings(AccountView):
    """One form, saved as a whole or not at all."""

    here = "settings"
    write_right = Right.CHANGE_SETTINGS

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._form(self._sections(self._present()))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        given = self._given(request)
        terms = Terms(
            currency=given["currency"],
            language=given["language"],
            timezone=given["timezone"],
            default_vat=percent(given["default_vat"], field="default_vat"),
            invoice_prefix=given["invoice_prefix"],
            payment_days=whole(given["payment_days"], field="payment_days"),
        )
        party = Party(**{each.name: given[each.name] for each in fields(Party)})
        told_by: dict[str, Any] = {
            "account": self.account,
            "actor": self.actor,
            "now": self.now,
        }
        change_terms(terms=terms, **told_by)
        change_party(party=party, **told_by)
        change_terms_of_service(words=given["terms_of_service"], **told_by)
        self._change_logo(request, told_by)
        say(request, _("The settings are saved."))
        return HttpResponseRedirect(request.path)

    def refused(
        self, request: HttpRequest, refusal: KontorError, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """The form as it was sent, with the sentence beside the field."""
        if request.method != "POST":
            return super().refused(request, refusal, *args, **kwargs)
        sections = self._sections(self._given(request))
        name = refusal.values.get("field") or FIELD_OF.get(refusal.code)
        marked = with_error(sections, str(name), told(refusal))
        return self._form(marked, status=422, trouble=told(refusal))

    def _form(
        self, sections: list[Section], *, status: int = 200, trouble: str = ""
    ) -> HttpResponse:
        context = {
            "sections": sections,
            "trouble": trouble,
            "may_change": self.may(Right.CHANGE_SETTINGS),
            "vat_formats": [(showing.country(code), form) for code, form in VAT_FORMATS],
            "logo_kilobytes": BYTES_MAX // 1024,
        }
        return self.render("dashboard/settings.html", context, status=status)

    def _present(self) -> dict[str, str]:
        account, party = self.account, self.frame.party
        found = {each.name: str(getattr(party, each.name)) for each in fields(Party)}
        rate = (account.default_vat * 100).normalize()
        return found | {
            "currency": account.currency,
            "language": account.language,
            "timezone": account.timezone,
            "default_vat": showing.number(rate),
            "invoice_prefix": account.invoice_prefix,
            "payment_days": str(account.payment_days),
            "terms_of_service": account.terms_of_service,
        }

    def _given(self, request: HttpRequest) -> dict[str, str]:
        """What was sent; what the form did not carry stays as it is."""
        present = self._present()
        sent = {name: request.POST.get(name, value) for name, value in present.items()}
        return {name: value.strip() for name, value in sent.items()}

    def _change_logo(self, request: HttpRequest, told_by: dict[str, Any]) -> None:
        upload = request.FILES.get("logo")
        if upload is not None:
            # One byte more than allowed is enough to know.
            change_logo(content=upload.read(BYTES_MAX + 1), **told_by)
        elif request.POST.get("remove_logo"):
            change_logo(content=b"", **told_by)

    def _sections(self, values: dict[str, str]) -> list[Section]:
        return sections_of(values, is_locked=self.account.state != "test")


class Logo(AccountView):
    """The logo as a file of its own, under an address that changes with it."""

    def get(self, _request: HttpRequest, digest: str) -> HttpResponse:
        if digest != self.account.logo_digest:
            raise NotFound("file", digest)
        content = files.get(self.account, digest)
        return HttpResponse(content, content_type=self.account.logo_mime)


FIELD_OF = {
    "unknown_time_zone": "timezone",
    "unknown_currency": "currency",
    "currency_locked": "currency",
}
"""Refusals that know no form: the field they are about."""


def percent(text: str, *, field: str) -> Fraction:
    """19 or 8,1 as the fraction it means; raises `Invalid`."""
    if not re.fullmatch(r"[0-9]{1,3}([.,][0-9]{1,6})?", text):
        raise Invalid("invalid_number", "{text} is not a number.", field=field, text=text)
    return Fraction(Decimal(text.replace(",", "."))) / 100


def whole(text: str, *, field: str) -> int:
    """A whole number; raises `Invalid`."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid("invalid_number", "{text} is not a number.", field=field, text=text)
    return int(text)
