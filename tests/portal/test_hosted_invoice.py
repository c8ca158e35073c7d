"""The hosted page of an invoice: what it shows, to whom, and what it tells everybody else."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from accounts.models import Account
from foundation.capabilities import mint, resolve
from foundation.tenancy import tenant
from invoicing.domain.rendering import Waiting
from kernel.clock import wall_now
from kernel.ids import new_id
from payments.commands import documents
from tests.messaging.paid import (
    claims,
    customer,
    link_in,
    mails,
    merchant,
    opened,
    paid,
    paid_by_card,
)

PAGES = ("", "/invoice.pdf", "/terms", "/logo")
TERMS = "Es gilt, was hier steht.\n\nUnd <script>alert(1)</script>."


@pytest.fixture
def browser():
    return Client()


def link_to(account_id, invoice_id, *, purpose="invoice", days=1):
    with tenant(account_id) as account:
        (token,) = mint(
            account=account,
            purpose=purpose,
            subjects=[("invoice", invoice_id)],
            now=wall_now(),
            lifetime=timedelta(days=days),
        )
    return f"/p/{token}"


def hosted(**rest):
    """A link to an open invoice of 30.60."""
    account_id = merchant(**rest)
    customer(account_id)
    (invoice_id,) = claims(account_id, "inv-1")
    return account_id, invoice_id, link_to(account_id, invoice_id)


def words(response):
    """What is read on the page, in plain signs."""
    text = unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    plain = text.replace("\N{EN DASH}", "-").replace("\N{MULTIPLICATION SIGN}", "x")
    return " ".join(plain.split())


def give_terms(account_id, text=TERMS):
    with tenant(account_id):
        Account.objects.filter(id=account_id).update(terms_of_service=text)


def test_the_page_shows_lines_sums_and_state_to_the_cent(browser):
    _, _, link = hosted()

    page = browser.get(link)

    shown = words(page)
    assert page.status_code == 200
    assert "Rechnung TEST-INV-2026-000001 30,60 € Offen fällig am 15.02.2026" in shown
    assert "Team-Paket 01.02.2026 - 28.02.2026 19,90 €" in shown
    assert "Handbuch <gedruckt> 2 x 5,35 € · 01.02.2026 - 28.02.2026 10,70 €" in shown
    assert "Netto 26,72 € 7 % USt. 0,70 € 19 % USt. 3,18 € Gesamtbetrag 30,60 €" in shown


def test_the_link_in_the_receipt_leads_to_the_paid_invoice(browser):
    account_id = merchant()
    customer_id = customer(account_id)
    (invoice_id,) = claims(account_id, "inv-1")
    paid_by_card(account_id, customer_id, invoice_id)
    (mail,) = mails(account_id)
    text = opened(account_id, mail.id).text

    page = browser.get(link_in(text))

    assert "30,60 € Bezahlt am 01.02.2026 mit Visa •••• 1111" in words(page)


def test_a_part_that_was_paid_leaves_the_rest_open(browser):
    account_id, invoice_id, link = hosted()
    paid(account_id, invoice_id, amount=1000)

    shown = words(browser.get(link))

    assert "20,60 € Offen" in shown
    assert "Gesamtbetrag 30,60 € Bezahlt 10,00 € Noch offen 20,60 €" in shown


def test_the_reader_chooses_her_language_and_has_the_customers_before(browser):
    _, _, link = hosted(language="en")

    german, english = browser.get(link), browser.get(link, {"lang": "en"})

    assert german.headers["Content-Language"] == "de"
    assert '<html lang="de">' in german.content.decode()
    assert english.headers["Content-Language"] == "en"
    assert "Invoice TEST-INV-2026-000001 €30.60 Open due on 15 Feb 2026" in words(english)
    assert "Total €30.60" in words(english)


@pytest.mark.parametrize("lang", ["fr", "", "de\r\nX: y", "../../etc", "\x00"])
def test_a_language_that_we_do_not_speak_changes_nothing(browser, lang):
    _, _, link = hosted()

    assert browser.get(link, {"lang": lang}).content == browser.get(link).content


def test_a_test_account_wears_its_band_and_a_live_one_does_not(browser):
    _, _, link = hosted()
    _, _, live = hosted(is_live=True)

    assert "TEST Diese Seite gehört zu einem Testkonto." in words(browser.get(link))
    assert "TEST" not in words(browser.get(live))


def test_the_document_is_the_one_that_is_stored(browser):
    _, _, link = hosted()

    response = browser.get(f"{link}/invoice.pdf")

    assert response.headers["Content-Type"] == "application/pdf"
    assert "TEST-INV-2026-000001.pdf" in response.headers["Content-Disposition"]
    assert response.content.startswith(b"%PDF-")
    assert browser.get(f"{link}/invoice.pdf").content == response.content


def test_a_document_that_waits_says_so_and_when_to_come_again(browser, monkeypatch):
    _, _, link = hosted()
    waiting = Waiting("Pango is missing.", is_parked=False)
    monkeypatch.setattr(documents, "pdf_of", lambda *_, **__: waiting)

    response = browser.get(f"{link}/invoice.pdf")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert "Das PDF wird noch erstellt" in words(response)


def test_the_merchants_terms_stand_on_a_page_of_their_own(browser):
    account_id, _, link = hosted()
    assert browser.get(f"{link}/terms").status_code == 404
    assert f'href="{link}/terms' not in browser.get(link).content.decode()

    give_terms(account_id)

    assert f'href="{link}/terms' in browser.get(link).content.decode()
    page = browser.get(f"{link}/terms")
    assert "Es gilt, was hier steht. Und <script>alert(1)</script>." in words(page)
    assert b"<script" not in page.content


def nothing_there(browser, path, **asked):
    response = browser.get(path, asked)
    headers = {name: value for name, value in response.headers.items() if name != "Date"}
    return response.status_code, headers, response.content


@pytest.mark.parametrize("page", PAGES)
def test_unknown_expired_and_foreign_are_one_answer(browser, page):
    account_id, invoice_id, _ = hosted()
    give_terms(account_id)
    unknown = nothing_there(browser, f"/p/{'x' * 22}{page}")

    expired = link_to(account_id, invoice_id, days=-1)
    foreign = link_to(account_id, invoice_id, purpose="portal")
    absent = link_to(account_id, new_id())

    assert unknown[0] == 404
    for each in (expired, foreign, absent):
        assert nothing_there(browser, f"{each}{page}") == unknown


def test_a_token_of_one_account_shows_nothing_of_another(browser):
    """The thing belongs to another account: it is looked for in the token's own, in vain."""
    mine, _, _ = hosted()
    _, theirs, _ = hosted()

    response = nothing_there(browser, link_to(mine, theirs))

    assert response == nothing_there(browser, f"/p/{'x' * 22}")


@pytest.mark.parametrize(
    "path", ["/p/", "/p/a/b/c", "/p/a/invoice.pdf/", "/p/%00", "/p/%ff", f"/p/{'a' * 5000}", "/p//"]
)
def test_addresses_that_lead_nowhere_get_the_same_page(browser, path):
    assert nothing_there(browser, path) == nothing_there(browser, f"/p/{'x' * 22}")


def test_what_is_not_there_speaks_the_readers_language(browser):
    english, german = (browser.get("/p/x", {"lang": each}) for each in ("en", "de"))

    assert "This link does not lead anywhere" in words(english)
    assert "Dieser Link führt nirgendwohin" in words(german)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_is_kept_found_framed_or_told_to_others(browser, page):
    _, _, link = hosted()

    headers = browser.get(f"{link}{page}").headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


def test_a_page_works_without_script_and_without_style_of_its_own(browser):
    _, _, link = hosted()

    page = browser.get(link).content.decode()

    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_hosted_page_is_only_looked_at(browser, method):
    _, _, link = hosted()

    assert getattr(browser, method)(link).status_code in {403, 405}
    assert resolve(link.removeprefix("/p/"), purpose="invoice", now=wall_now())
