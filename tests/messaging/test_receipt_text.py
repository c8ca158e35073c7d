"""What stands in a receipt, word for word and cent for cent."""

import re
from html import unescape
from pathlib import Path

from accounts.domain.details import Party
from customers.domain.details import Details
from tests.messaging.paid import (
    ERIKA,
    claims,
    customer,
    mails,
    merchant,
    opened,
    paid,
    paid_by_card,
)


def golden(language):
    return (Path(__file__).parent / "golden" / f"receipt.{language}.txt").read_text().rstrip()


def opened_receipt(details=ERIKA, **rest):
    """The receipt of a claim paid by card."""
    account_id = merchant(**rest)
    customer_id = customer(account_id, details=details)
    (claim,) = claims(account_id, "inv-1")
    paid_by_card(account_id, customer_id, claim)
    (mail,) = mails(account_id)
    return opened(account_id, mail.id)


def plain(text):
    """With the one token that is random by its name, and every space an ordinary one."""
    return re.sub(r"/p/[\w-]{22}", "/p/TOKEN", text).replace("\N{NO-BREAK SPACE}", " ")


def test_a_receipt_in_german():
    mail = opened_receipt(ERIKA, language="en")

    assert plain(mail.text) == golden("de")
    assert dict(mail.headers)["Subject"] == (
        "[TEST] Zahlungsbeleg zu Ihrer Rechnung TEST-INV-2026-000001"
    )


def test_a_receipt_in_english():
    mail = opened_receipt(speaking("en_US"), language="de")

    assert plain(mail.text) == golden("en")
    assert dict(mail.headers)["Subject"] == "[TEST] Receipt for your invoice TEST-INV-2026-000001"


def speaking(language):
    found = {name: getattr(ERIKA, name) for name in Details.__dataclass_fields__}
    return Details(**found | {"language": language})


def test_who_speaks_a_language_that_we_do_not_gets_the_accounts():
    assert plain(opened_receipt(speaking("fr"), language="de").text) == golden("de")


def test_the_html_says_what_the_text_says():
    mail = opened_receipt()
    words = plain(unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", mail.html, flags=re.DOTALL)))

    for said in (
        "30,60 €",
        "26,72 €",
        "3,18 €",
        "TEST-INV-2026-000001",
        "Visa •••• 1111",
        "Ada Lund",
    ):
        assert said in words
    assert "Handbuch &lt;gedruckt&gt;" in mail.html
    assert "<gedruckt>" not in mail.html


def test_the_document_is_attached():
    (pdf,) = opened_receipt().parts

    assert pdf.filename == "TEST-INV-2026-000001.pdf"
    assert pdf.mime == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")


def test_a_claim_settled_from_elsewhere_names_no_card():
    account_id = merchant()
    customer(account_id)
    paid(account_id, *claims(account_id, "inv-1"))
    (mail,) = mails(account_id)

    text = plain(opened(account_id, mail.id).text)

    assert "Bezahlt: 30,60 € am 01.02.2026\n" in text


def test_a_name_ends_no_header_and_starts_no_other():
    evil = Party(name="Evil\r\nBcc: victim@example.org", country="DE", email="a@b.example")
    mail = opened_receipt(party=evil)
    headers = dict(mail.headers)

    assert headers["From"] == '"Evil Bcc: victim@example.org" <kontor@localhost>'
    assert "Bcc" not in headers
    assert "Evil Bcc: victim@example.org\n" in mail.text
