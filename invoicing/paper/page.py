"""The page of a document: plain values for the template, which decides nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

from babel import Locale
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.safestring import mark_safe

from invoicing.domain.facts import DocumentFacts, FactLine, RateSum, Recipient, Sender
from invoicing.domain.girocode import can_be_coded, girocode
from invoicing.paper import words
from invoicing.paper.scan import drawing
from invoicing.paper.words import clean
from kernel.money import Money

STYLESHEET = "invoicing/document.css"
COMMON_WIDTH = len("99.999.999,99")
"""Amounts up to this length fit the columns; for longer ones the columns are measured."""
Values = dict[str, object]


def for_print(facts: DocumentFacts, *, asks_transfer: bool) -> str:
    """The page as the renderer takes it: the stylesheet goes beside it."""
    return _page(facts, {"stylesheet": "", "is_screen": False}, asks_transfer=asks_transfer)


def for_screen(facts: DocumentFacts, *, asks_transfer: bool) -> str:
    """The same page to be looked at in a browser."""
    shown: Values = {"stylesheet": static(STYLESHEET), "is_screen": True}
    return _page(facts, shown, asks_transfer=asks_transfer)


@cache
def stylesheet() -> str:
    """The text of the one stylesheet, for paper and screen."""
    found = finders.find(STYLESHEET)
    assert isinstance(found, str), f"{STYLESHEET} is part of the program"
    return Path(found).read_text(encoding="utf-8")


def _page(facts: DocumentFacts, shown: Values, *, asks_transfer: bool) -> str:
    with translation.override(facts.language):
        return render_to_string(
            "invoicing/document.html", shown | values(facts, asks_transfer=asks_transfer)
        )


def values(facts: DocumentFacts, *, asks_transfer: bool) -> Values:
    """Everything on the page as text; amounts, dates and names in the document's language."""
    language, currency = facts.language, facts.currency
    wants_transfer = asks_transfer and facts.gross_minor > 0
    return {
        "language": language,
        "number": clean(facts.number),
        "created": facts.issued_on.isoformat(),
        "issued_on": words.day(facts.issued_on, language),
        "due_on": words.day(facts.due_on, language),
        "service": words.period(facts.service_from, facts.service_to, language),
        "customer": clean(facts.customer_handle),
        "currency": currency,
        "is_test": facts.is_test,
        "is_gross": facts.is_gross,
        "is_wide": len(words.amount(facts.gross_minor, currency, language)) > COMMON_WIDTH,
        "is_free": facts.gross_minor == 0,
        "asks_transfer": wants_transfer,
        "total": words.money(facts.gross_minor, currency, language),
        "net": words.amount(facts.net_minor, currency, language),
        "tax": words.amount(facts.tax_minor, currency, language),
        "gross": words.amount(facts.gross_minor, currency, language),
        "sender": _sender(facts.sender, facts.sender.country, language),
        "recipient": _recipient(facts.recipient, facts.sender.country, language),
        "recipient_vat_id": clean(facts.recipient.vat_id),
        "lines": [_line(each, facts) for each in facts.lines],
        "rates": [_rate(each, facts) for each in facts.rates],
        "girocode": _girocode(facts) if wants_transfer else "",
    }


def _sender(sender: Sender, home: str, language: str) -> Values:
    said: Values = {name: clean(value) for name, value in asdict(sender).items()}
    said["address_lines"] = _address(sender, home, language)
    said["return_address"] = " · ".join(_present([sender.name, sender.address, _town(sender)]))
    said["iban"] = words.in_fours(sender.bank_iban)
    return said


def _recipient(recipient: Recipient, home: str, language: str) -> list[str]:
    names = _present([recipient.company, recipient.person])
    return names + _address(recipient, home, language)


def _address(party: Sender | Recipient, home: str, language: str) -> list[str]:
    """Street, town and, for a letter that leaves the sender's country, the country."""
    abroad = party.country if party.country != home else ""
    country = Locale.parse(words.LOCALES[language]).territories.get(abroad, abroad).upper()
    return _present([party.address, party.address2, _town(party), country])


def _town(party: Sender | Recipient) -> str:
    return f"{party.postal_code} {party.city}".strip()


def _present(texts: Sequence[str]) -> list[str]:
    return [text for text in map(clean, texts) if text]


def _line(line: FactLine, facts: DocumentFacts) -> Values:
    language, currency = facts.language, facts.currency
    whole = line.gross_minor if facts.is_gross else line.net_minor
    return {
        "position": line.position,
        "text": clean(line.text),
        "service": words.period(line.service_from, line.service_to, language),
        "quantity": words.number(line.quantity, language),
        "unit": words.amount(line.unit_minor, currency, language),
        "unit_is_gross": line.incl_vat and not facts.is_gross,
        "rate": words.percent(line.vat_rate, language),
        "amount": words.amount(whole, currency, language),
    }


def _rate(rate: RateSum, facts: DocumentFacts) -> Values:
    language, currency = facts.language, facts.currency
    return {
        "rate": words.percent(rate.vat_rate, language),
        "net": words.amount(rate.net_minor, currency, language),
        "tax": words.amount(rate.tax_minor, currency, language),
        "gross": words.amount(rate.gross_minor, currency, language),
    }


def _girocode(facts: DocumentFacts) -> str:
    """The drawing to scan, or nothing where a bank would not take it."""
    amount = Money(facts.gross_minor, facts.currency)
    sender = facts.sender
    if not sender.bank_iban or not can_be_coded(amount):
        return ""
    text = girocode(
        name=clean(sender.name),
        iban=sender.bank_iban,
        bic=sender.bank_bic,
        amount=amount,
        reference=facts.number,
    )
    # Our own drawing: nothing of the text stands in it but as black and white.
    return mark_safe(drawing(text))  # noqa: S308
