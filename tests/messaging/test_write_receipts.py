"""Receipts are meant in one go, at a price that does not hang on how many they are."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.commands.change import change
from customers.domain.details import Details
from foundation.listing import Asked, Filter, Op, page
from foundation.tenancy import tenant
from messaging.commands.write_receipts import write_receipts
from messaging.listings import MAILS
from tests.messaging.paid import PAID_AT, claims, customer, mails, merchant, paid, receipts


def meant(account_id, customer_id, *names):
    """How many statements the receipts of new claims took."""
    ids = claims(account_id, *names)
    with tenant(account_id) as account, CaptureQueriesContext(connection) as seen:
        write_receipts(account=account, settled=dict.fromkeys(ids, customer_id), now=PAID_AT)
    return len(seen)


def test_a_hundred_receipts_cost_the_statements_of_one():
    account_id = merchant()
    customer_id = customer(account_id)
    meant(account_id, customer_id, "warm")

    one = meant(account_id, customer_id, "inv-1")
    many = meant(account_id, customer_id, *(f"many-{number}" for number in range(100)))

    assert many == one <= 10
    assert len(mails(account_id)) == 102


def test_nobody_to_write_to_costs_one_look():
    account_id = merchant()
    customer_id = customer(account_id, details=Details())

    assert meant(account_id, customer_id, "inv-1") <= 5
    assert mails(account_id) == []


def test_a_receipt_goes_where_the_customer_is_written_to_now():
    account_id = merchant()
    customer_id = customer(account_id)
    ids = claims(account_id, "inv-1")
    moved = Details(email="new@kunde.example", language="en")
    with tenant(account_id) as account:
        change(account=account, customer_id=customer_id, details=moved, now=PAID_AT)

    paid(account_id, *ids)

    (mail,) = mails(account_id)
    assert (mail.recipient, mail.language) == ("new@kunde.example", "en")


def test_a_mail_is_dated_by_the_accounts_own_clock():
    (mail,) = mails(receipts(is_live=False))

    assert mail.created_at == PAID_AT


def test_the_list_of_mails_shows_whom_they_went_to_and_about_what():
    account_id = receipts(2, is_live=False)
    with tenant(account_id) as account:
        found = page(account, MAILS, Asked(filters=(Filter("invoice", Op.IS, "inv-1"),), size=10))

    (row,) = found.rows
    assert (row["kind"], row["state"], row["customer"]) == ("invoice_receipt", "kept", "erika")
    assert row["subject"] == "[TEST] Zahlungsbeleg zu Ihrer Rechnung TEST-INV-2026-000002"
    assert row["recipient"] == "erika@kunde.example"
