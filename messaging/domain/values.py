"""What mails and hosted pages say of a merchant and of a document, in plain values.

Nothing but these values reaches a template: no row, no object, nothing that could be called.
"""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from babel import Locale

from invoicing.domain.facts import DocumentFacts
from invoicing.paper import words

Plain: TypeAlias = str | bool | list["Plain"] | dict[str, "Plain"]
Values: TypeAlias = dict[str, Plain]

BRANDS = {
    "visa": "Visa",
    "visa_dk": "Visa/Dankort",
    "mc": "Mastercard",
    "maestro": "Maestro",
    "amex": "American Express",
    "diners": "Diners Club",
    "discover": "Discover",
    "jcb": "JCB",
    "dankort": "Dankort",
}


class Party(Protocol):
    """A merchant's name and address, as an account's version holds them."""

    name: str
    address: str
    address2: str
    postal_code: str
    city: str
    country: str
    vat_id: str
    email: str
    phone: str
    website: str
    register_entry: str
    managing_directors: str


def merchant(party: Party, language: str, *, logo: str, terms: str) -> Values:
    """Who writes: name, address, ways to reach them, what the law wants said; `logo` and `terms`
    are addresses, or nothing."""
    place = " ".join(filter(None, (party.postal_code, party.city)))
    lines = (party.address, party.address2, place, country(party.country, language))
    return {
        "name": clean(party.name),
        "initial": clean(party.name)[:1].upper(),
        "address": [clean(each) for each in lines if each],
        "email": clean(party.email),
        "phone": clean(party.phone),
        "website": web_address(party.website),
        "register_entry": clean(party.register_entry),
        "managing_directors": clean(party.managing_directors),
        "vat_id": clean(party.vat_id),
        "logo": logo,
        "terms": terms,
    }


def paper(facts: DocumentFacts, language: str) -> Values:
    """Number, dates, lines and sums as the document states them; prices in its own side."""
    currency = facts.currency
    return {
        "number": clean(facts.number),
        "issued_on": words.day(facts.issued_on, language),
        "due_on": words.day(facts.due_on, language),
        "period": words.period(facts.service_from, facts.service_to, language),
        "is_gross": facts.is_gross,
        "lines": [
            {
                "text": clean(each.text),
                "quantity": words.number(each.quantity, language) if each.quantity != 1 else "",
                "unit": words.money(each.unit_minor, currency, language),
                "period": words.period(each.service_from, each.service_to, language),
                "amount": words.money(
                    each.gross_minor if facts.is_gross else each.net_minor, currency, language
                ),
            }
            for each in facts.lines
        ],
        "net": words.money(facts.net_minor, currency, language),
        "rates": [
            {
                "rate": words.percent(each.vat_rate, language),
                "tax": words.money(each.tax_minor, currency, language),
            }
            for each in facts.rates
        ],
        "total": words.money(facts.gross_minor, currency, language),
    }


def card(brand: str, masked_number: str) -> str:
    """A card as its holder knows it: brand and last four digits."""
    name = BRANDS.get(brand, clean(brand).replace("_", " ").title())
    return f"{name} \N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET} {clean(masked_number)[-4:]}"


def cards(found: Sequence[tuple[str, str]]) -> str:
    """Each card of (brand, masked number) once."""
    return ", ".join(dict.fromkeys(card(*each) for each in found))


def country(code: str, language: str) -> str:
    """The country's name, or its code where there is none."""
    return str(Locale(language).territories.get(code, code)) if code else ""


def clean(text: str) -> str:
    """Somebody's text as one line, without what would steer the page."""
    return " ".join(words.clean(" ".join(text.split())).split())


def web_address(text: str) -> str:
    """Only what a browser opens as a page."""
    found = clean(text)
    if found and "://" not in found:
        found = f"https://{found}"
    return found if found.startswith(("https://", "http://")) else ""
