"""An account that may write invoices, customers with addresses, and their documents as PDF."""

from ctypes.util import find_library
from datetime import date
from fractions import Fraction
from io import BytesIO

import pytest
from pypdf import PdfReader

from accounts.commands.change_details import change_party
from accounts.domain.details import Party
from customers.commands.create import create as create_customers
from customers.domain.details import Details, NewCustomer
from foundation.tenancy import tenant
from invoicing.commands import render
from invoicing.commands.issue import issue
from invoicing.domain.draft import DraftLine, InvoiceDraft
from invoicing.queries.documents import document_of
from kernel.clock import wall_now
from tests.factories import NOON, make_account

IBAN, BIC = "DE89370400440532013000", "COBADEFFXXX"
MERCHANT = {
    "name": "Nordlicht Software GmbH",
    "address": "Speicherstraße 14",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
    "vat_id": "DE136695976",
    "tax_number": "27/123/45678",
    "register_entry": "Amtsgericht Hamburg, HRB 123456",
    "managing_directors": "Jana Petersen",
    "bank_name": "Musterbank",
    "bank_iban": IBAN,
    "bank_bic": BIC,
}
BUYER = {
    "company": "Bäckerei Brandt & Söhne OHG",
    "first_name": "Miriam",
    "last_name": "Brandt",
    "address": "Lange Reihe 7",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}

needs_pango = pytest.mark.skipif(
    find_library("pango-1.0") is None,
    reason="PDF is NOT tested: Pango is missing, ./kontor doctor names the command",
)


def merchant(*, is_live=False, language="de", **party):
    """A new account whose party is complete but for what is said to differ."""
    account_id = make_account(is_live=is_live, language=language)
    with tenant(account_id) as account:
        change_party(account=account, party=Party(**MERCHANT | party), actor="test", now=NOON)
    return account_id


def item(text, amount, *, quantity=1, rate="0.19", incl_vat=False):
    return DraftLine(
        "plan",
        "thing",
        text,
        quantity,
        amount,
        amount * quantity,
        incl_vat,
        Fraction(rate),
        date(2026, 1, 1),
        date(2026, 1, 31),
    )


def written(account_id, *items, handle="inv-1", currency="EUR", **buyer):
    """The facts of a new document for a customer of its own."""
    with tenant(account_id) as account:
        details = Details(**BUYER | buyer)
        new = NewCustomer(f"K-{handle}", details)
        (customer_id,) = create_customers(account=account, customers=[new], now=NOON)
        draft = InvoiceDraft(
            handle=handle,
            customer_id=customer_id,
            customer_version_id=_version(account, customer_id),
            subscription_id=None,
            currency=currency,
            lines=items or (item("Team-Lizenz", 10000),),
            service_from=date(2026, 1, 1),
            service_to=date(2026, 1, 31),
        )
        (issued,) = issue(account=account, drafts=[draft], now=NOON)
        return document_of(account, issued.id)


def _version(account, customer_id):
    from customers.models import Customer

    return Customer.objects.of(account).get(id=customer_id).version_id


def want(account_id, facts, *, asks_transfer=True):
    with tenant(account_id) as account:
        render.ensure_rendering(
            account=account, document_id=facts.id, asks_transfer=asks_transfer, at=wall_now()
        )


def printed(account_id, facts, *, asks_transfer=True):
    """The document's file."""
    want(account_id, facts, asks_transfer=asks_transfer)
    made = render.pdf_of(account_id, facts.id, now=wall_now())
    assert hasattr(made, "content"), made
    return made


def pages(content):
    """The text of each page; spaces of every kind are one blank."""
    texts = (each.extract_text() for each in PdfReader(BytesIO(content)).pages)
    # Beside a character of two halves the reader gives out all others with a NUL before them.
    return [" ".join(each.replace("\0", "").split()) for each in texts]
