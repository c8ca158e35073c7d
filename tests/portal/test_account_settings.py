"""What a merchant saves on the settings page, the next hosted page and the next mail say."""

from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from customers.commands.create import create as create_customers
from customers.domain.details import Details, NewCustomer
from foundation import outbox
from foundation.tenancy import tenant
from invoicing.commands.settle import Settlement, settle
from invoicing.models import Invoice
from kernel.ids import new_id
from messaging.models import Mail
from tests.dashboard.browser import path, signed_in_client
from tests.factories import make_account, make_plan, make_subscriptions
from tests.messaging.paid import link_in, opened

LATE = datetime(2026, 1, 20, 23, 30, tzinfo=UTC)
"""In Berlin the next day has begun."""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f00050001ff89993d1d0000000049454e44ae426082"
)


@dataclass(frozen=True)
class Seen:
    """What a customer reads: the page with its address, and the mail."""

    link: str
    page: str
    mail: str
    sender: str


def next_invoice(account_id):
    """Somebody new subscribes and pays; what she sees of it."""
    name = f"c{new_id().hex}"
    with tenant(account_id) as account:
        details = Details(email="erika@kunde.example")
        create_customers(account=account, customers=[NewCustomer(name, details)], now=LATE)
        make_plan(account, name, price=1190, currency=account.currency, vat=None)
        make_subscriptions(account, name, plan=name, start="2026-01-15")
        invoice = Invoice.objects.of(account).order_by("-id")[0]
        paid = [Settlement(invoice.id, new_id(), invoice.gross_minor)]
        settle(account=account, settlements=paid, now=LATE)
    outbox.drain(account_id, limit=50)
    with tenant(account_id) as account:
        mail = Mail.objects.of(account).order_by("-id")[0]
    letter = opened(account_id, mail.id)
    link = link_in(letter.text)
    page = Client().get(link).content.decode()
    sender = dict(letter.headers)["From"]
    return Seen(link, plain(page), plain(letter.text + letter.html), sender)


def plain(html):
    return " ".join(unescape(html).split())


def save(account_id, **fields):
    answer = signed_in_client(account_id).post(path(account_id, "settings"), fields)
    assert answer.status_code == 302


@pytest.mark.feature("F002")
@pytest.mark.parametrize(
    ("field", "value", "before", "on_page", "in_mail"),
    [
        ("name", "Südwind AG", "Muster GmbH", "Südwind AG", "Südwind AG"),
        ("language", "en", "Rechnung", '<html lang="en">', "thank you for your payment"),
        ("currency", "USD", "11,90 €", "11,90 $", "11,90 $"),
        ("default_vat", "7", "19 % USt.", "7 % USt.", "7 % USt."),
        ("timezone", "America/New_York", "21.01.2026", "20.01.2026", "20.01.2026"),
        ("terms_of_service", "Es gilt dies.", "Muster GmbH", "/terms", "/terms"),
    ],
)
def test_a_saved_field_changes_the_next_page_and_the_next_mail(
    field, value, before, on_page, in_mail
):
    account_id = make_account(language="de")
    first = next_invoice(account_id)

    save(account_id, **{field: value})
    then = next_invoice(account_id)

    assert before in first.page
    assert before in first.mail
    assert (on_page in first.page, in_mail in first.mail) == (False, False)
    assert (on_page in then.page, in_mail in then.mail) == (True, True)


@pytest.mark.feature("F002")
def test_the_name_is_that_of_the_next_mails_sender():
    account_id = make_account()

    save(account_id, name="Südwind AG")

    assert next_invoice(account_id).sender == "Südwind AG <kontor@localhost>"


@pytest.mark.feature("F002")
def test_the_saved_terms_are_the_ones_that_a_customer_reads():
    account_id = make_account(language="de")
    save(account_id, terms_of_service="Es gilt dies.\r\n\r\nUnd jenes.")

    terms = Client().get(f"{next_invoice(account_id).link}/terms")

    assert "<p>Es gilt dies.</p> <p>Und jenes.</p>" in plain(terms.content.decode())


@pytest.mark.feature("F002")
def test_the_saved_logo_stands_on_the_page_and_in_the_mail_until_it_is_taken_away():
    account_id = make_account()
    save(account_id, logo=SimpleUploadedFile("logo.png", PNG, "image/png"))

    with_logo = next_invoice(account_id)
    answer = Client().get(f"{with_logo.link}/logo")

    assert f'src="{with_logo.link}/logo"' in with_logo.page
    assert f'src="http://127.0.0.1:8000{with_logo.link}/logo"' in with_logo.mail
    assert (answer.headers["Content-Type"], answer.content) == ("image/png", PNG)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"

    save(account_id, remove_logo="on")
    without = next_invoice(account_id)
    assert "/logo" not in without.page + without.mail
    assert Client().get(f"{without.link}/logo").status_code == 404
