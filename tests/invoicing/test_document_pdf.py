"""The invoice on paper: everything it must say, in figures and words that can be read off it."""

from io import BytesIO
from typing import Any

import pytest
import segno
from pypdf import PdfReader

from foundation.tenancy import tenant
from invoicing.paper import page
from kernel.clock import wall_now
from tests.invoicing.papers import item, merchant, needs_pango, pages, printed, written

pytestmark = needs_pango
DASH, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"

LINES = (
    item("Team-Lizenz", 4900, quantity=25),
    item("Handbuch", 1999, quantity=2, rate="0.07"),
    item("Nachlass", -10000),
)


@pytest.fixture
def german():
    account_id = merchant(is_live=True)
    return account_id, written(account_id, *LINES)


def test_a_german_invoice_says_all_that_the_law_asks(german):
    account_id, facts = german

    (text,) = pages(printed(account_id, facts).content)

    year = facts.issued_on.year
    day, due = f"{facts.issued_on:%d.%m.%Y}", f"{facts.due_on:%d.%m.%Y}"
    for said in (
        "Nordlicht Software GmbH · Speicherstraße 14 · 20457 Hamburg",
        "Bäckerei Brandt & Söhne OHG Miriam Brandt Lange Reihe 7 10115 Berlin",
        f"Rechnungsnummer INV-{year}-000001",
        f"Rechnungsdatum {day}",
        "Kundennummer K-inv-1",
        f"Leistungszeitraum 01.01.2026 {DASH} 31.01.2026",
        f"Fällig am {due}",
        "USt-IdNr. DE136695976",
        "Steuernummer 27/123/45678",
        "Amtsgericht Hamburg, HRB 123456",
        "Seite 1 von 1",
    ):
        assert said in text


@pytest.mark.feature("F122")
def test_the_lines_and_the_sums_of_each_rate_add_up_on_the_page(german):
    account_id, facts = german

    (text,) = pages(printed(account_id, facts).content)

    for said in (
        f"1 Team-Lizenz 01.01.2026 {DASH} 31.01.2026 25 49,00 19 % 1.225,00",
        f"2 Handbuch 01.01.2026 {DASH} 31.01.2026 2 19,99 7 % 39,98",
        f"3 Nachlass 01.01.2026 {DASH} 31.01.2026 1 {MINUS}100,00 19 % {MINUS}100,00",
        "7 % 39,98 2,80 42,78",
        "19 % 1.125,00 213,75 1.338,75",
        "Rechnungsbetrag 1.164,98 216,55 1.381,53",
    ):
        assert said in text
    assert text.count("1.381,53 €") == 2


def test_an_english_invoice_says_the_same_in_english():
    account_id = merchant(is_live=True, language="en")
    facts = written(account_id, *LINES)

    (text,) = pages(printed(account_id, facts).content)

    day = f"{facts.issued_on.day} {facts.issued_on:%b %Y}"
    for said in (
        f"Invoice number {facts.number} Invoice date {day}",
        f"Service period 1 Jan 2026 {DASH} 31 Jan 2026",
        f"1 Team-Lizenz 1 Jan 2026 {DASH} 31 Jan 2026 25 49.00 19% 1,225.00",
        "7% 39.98 2.80 42.78",
        "Invoice total 1,164.98 216.55 1,381.53",
        "€1,381.53",
        "VAT ID DE136695976",
        "Page 1 of 1",
    ):
        assert said in text
    assert "Rechnung" not in text


def test_gross_prices_are_shown_gross_and_their_tax_is_taken_out():
    account_id = merchant(is_live=True)
    facts = written(account_id, item("Kiste", 1190, quantity=3, incl_vat=True))

    (text,) = pages(printed(account_id, facts).content)

    assert "Betrag brutto (EUR)" in text
    assert f"1 Kiste 01.01.2026 {DASH} 31.01.2026 3 11,90 19 % 35,70" in text
    assert "19 % 30,00 5,70 35,70" in text


@pytest.mark.parametrize(
    ("currency", "amount", "said"),
    [("JPY", 1980, "2.356 ¥"), ("CHF", 1980, "23,56 CHF"), ("BHD", 1980, "2,356 BHD")],
)
def test_every_currency_has_its_own_places_and_no_girocode(currency, amount, said):
    account_id = merchant(is_live=True)
    facts = written(account_id, item("Ding", amount), currency=currency)

    (text,) = pages(printed(account_id, facts).content)

    assert said in text
    assert "Banking-App" not in text


def test_the_largest_amounts_stand_whole_on_the_page():
    account_id = merchant(is_live=True)
    facts = written(account_id, item("Ding", 7_000_000_000_000_000_000))

    (text,) = pages(printed(account_id, facts).content)

    assert "1 70.000.000.000.000.000,00 19 % 70.000.000.000.000.000,00" in text
    assert "83.300.000.000.000.000,00 €" in text


def test_a_long_invoice_counts_its_pages_and_repeats_the_head_of_its_table():
    account_id = merchant(is_live=True)
    lines = [item(f"Posten {number}", 100 * number) for number in range(1, 76)]
    facts = written(account_id, *lines)

    texts = pages(printed(account_id, facts).content)

    assert len(texts) >= 3
    for number, text in enumerate(texts, start=1):
        assert f"Seite {number} von {len(texts)}" in text
        assert "Nordlicht Software GmbH" in text
    assert all("Pos. Bezeichnung Menge" in text for text in texts[:-1])
    assert all(f"Rechnung {facts.number}" in text for text in texts[1:])
    assert sum(text.count("Posten ") for text in texts) == 75
    assert "Rechnungsbetrag 2.850,00 541,50 3.391,50" in texts[-1]


def test_a_transfer_is_asked_for_with_everything_that_a_bank_wants(german):
    account_id, facts = german

    (text,) = pages(printed(account_id, facts).content)

    assert f"Bitte überweisen Sie 1.381,53 € bis zum {facts.due_on:%d.%m.%Y}" in text
    assert "IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX" in text
    assert f"Verwendungszweck {facts.number}" in text
    assert "Mit der Banking-App scannen" in text


def test_the_girocode_is_that_of_the_standard_line_by_line(german):
    _, facts = german
    payload = (
        "BCD\n002\n1\nSCT\nCOBADEFFXXX\nNordlicht Software GmbH\nDE89370400440532013000\n"
        f"EUR1381.53\n\n\n{facts.number}"
    )
    out = BytesIO()
    code = segno.make(payload, error="m", encoding="utf-8", micro=False, boost_error=False)
    code.save(out, kind="svg", border=0, xmldecl=False, omitsize=True, svgclass=None)
    path = out.getvalue().decode().split(' d="')[1].split('"')[0]

    assert path in page.for_print(facts, asks_transfer=True)
    assert "<svg" not in page.for_print(facts, asks_transfer=False)


def test_what_is_collected_asks_for_no_transfer(german):
    account_id, facts = german

    (text,) = pages(printed(account_id, facts, asks_transfer=False).content)

    assert "Wir ziehen den Betrag über Ihr hinterlegtes Zahlungsmittel ein." in text
    assert "überweisen" not in text
    assert "Banking-App" not in text


def test_without_bank_details_the_page_asks_to_pay_and_shows_no_code():
    account_id = merchant(is_live=True, bank_iban="", bank_bic="")
    facts = written(account_id)

    (text,) = pages(printed(account_id, facts).content)

    assert f"Bitte zahlen Sie 119,00 € bis zum {facts.due_on:%d.%m.%Y}." in text
    assert "IBAN" not in text


def test_an_invoice_of_nothing_asks_for_nothing():
    account_id = merchant(is_live=True)
    facts = written(account_id, item("Probemonat", 0))

    (text,) = pages(printed(account_id, facts).content)

    assert "Auf diese Rechnung ist nichts zu zahlen." in text
    assert "Fällig" not in text


def test_every_page_of_a_test_account_says_so_and_none_of_a_live_one(german):
    test_account = merchant()
    facts = written(test_account, *(item(f"Posten {at}", 100) for at in range(60)))

    texts = pages(printed(test_account, facts).content)
    (live,) = pages(printed(*german).content)

    assert len(texts) > 1
    assert all("TEST Dies ist keine Rechnung" in text for text in texts)
    assert facts.number.startswith("TEST-INV-")
    assert "TEST" not in live


def test_the_file_is_an_archive_pdf_dated_by_the_document_alone(german):
    account_id, facts = german

    made = printed(account_id, facts)

    reader = PdfReader(BytesIO(made.content))
    said: Any = reader.metadata
    assert said["/Title"] == f"Rechnung {facts.number}"
    assert said["/CreationDate"].startswith(f"D:{facts.issued_on:%Y%m%d}")
    assert said["/ModDate"] == said["/CreationDate"]
    root: Any = reader.root_object
    assert b"pdfaid:part" in root["/Metadata"].get_data()
    assert made.filename == f"{facts.number}.pdf"


def test_a_letter_abroad_names_the_country_in_the_letters_language():
    account_id = merchant(is_live=True)
    facts = written(account_id, country="DK", postal_code="1050", city="København K")

    (text,) = pages(printed(account_id, facts).content)

    assert "1050 København K DÄNEMARK" in text


def test_the_page_for_the_screen_says_the_same_without_anything_inline(german):
    _, facts = german
    html = page.for_screen(facts, asks_transfer=True)

    assert '<link rel="stylesheet" href="/static/invoicing/document.css">' in html
    assert "1.381,53" in html
    for forbidden in (" style=", "<style", "<script", "javascript:", " onload"):
        assert forbidden not in html


def test_a_document_speaks_of_the_parties_as_they_were(german):
    from accounts.commands.change_details import change_party
    from accounts.domain.details import Party

    account_id, facts = german
    with tenant(account_id) as account:
        change_party(
            account=account,
            party=Party(name="Südlicht AG", country="DE"),
            actor="test",
            now=wall_now(),
        )

    (text,) = pages(printed(account_id, facts).content)

    assert "Nordlicht Software GmbH" in text
    assert "Südlicht" not in text
