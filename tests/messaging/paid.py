"""Accounts whose customers have paid, and a mail server's place taken by a list."""

import re
from datetime import UTC, date, datetime
from fractions import Fraction

from accounts.commands.change_details import change_party
from accounts.domain.details import Party
from customers.commands.create import create as create_customers
from customers.domain.details import Details, NewCustomer
from customers.queries import by_handle
from foundation import outbox
from foundation.tenancy import tenant
from invoicing.commands.issue import issue
from invoicing.commands.settle import Settlement, settle
from invoicing.domain.draft import DraftLine, InvoiceDraft
from kernel.clock import wall_now
from kernel.ids import new_id
from kernel.money import Money
from messaging.commands.open_mail import open_mail
from messaging.domain.opened import Opened
from messaging.models import Mail
from payments.commands.add_methods import NewMethod, add_methods
from payments.commands.record_attempts import record_attempts
from payments.commands.request_attempts import request_attempts
from payments.gateways.port import Outcome, OutcomeState, StoredCard
from payments.models import PaymentAttempt
from tests.factories import make_account

PAID_AT = datetime(2026, 2, 1, 9, tzinfo=UTC)
CARD = StoredCard(token="t", brand="visa", masked_number="411111XXXXXX1111", expiry="1239")
MERCHANT = Party(
    name="Nordlicht Software GmbH",
    country="DE",
    address="Hafenstraße 12",
    postal_code="20457",
    city="Hamburg",
    vat_id="DE136695976",
    email="rechnung@nordlicht.example",
    phone="+49 40 123456",
    website="www.nordlicht.example",
    register_entry="Amtsgericht Hamburg, HRB 123456",
    managing_directors="Ada Lund",
)
LINES = (
    DraftLine("plan", "team", "Team-Paket", 1, 1990, 1990, True, Fraction(19, 100),
              date(2026, 2, 1), date(2026, 2, 28)),
    DraftLine("add_on", "book", "Handbuch <gedruckt>", 2, 535, 1070, True, Fraction(7, 100),
              date(2026, 2, 1), date(2026, 2, 28)),
)  # fmt: skip
ERIKA = Details(
    first_name="Erika", last_name="Muster", email="erika@kunde.example", country="DE",
    address="Weg 3", postal_code="10115", city="Berlin", language="de",
)  # fmt: skip


def merchant(*, is_live=False, party=MERCHANT, **terms):
    """The id of an account with a full name and address."""
    account_id = make_account(clock_at=None if is_live else PAID_AT, is_live=is_live, **terms)
    with tenant(account_id) as account:
        change_party(account=account, party=party, actor="test", now=PAID_AT)
    return account_id


def customer(account_id, handle="erika", details=ERIKA):
    with tenant(account_id) as account:
        (id_,) = create_customers(
            account=account, customers=[NewCustomer(handle, details)], now=PAID_AT
        )
    return id_


def claims(account_id, *handles, buyer="erika", lines=LINES):
    """Issued claims of one customer; their ids."""
    with tenant(account_id) as account:
        found = by_handle(account, buyer)
        drafts = [
            InvoiceDraft(
                handle=each,
                customer_id=found.id,
                customer_version_id=found.version_id,
                subscription_id=None,
                currency="EUR",
                lines=lines,
                service_from=date(2026, 2, 1),
                service_to=date(2026, 2, 28),
            )
            for each in handles
        ]
        return [each.id for each in issue(account=account, drafts=drafts, now=PAID_AT)]


def paid_by_card(account_id, customer_id, invoice_id):
    """As if the acquirer had taken the whole of it."""
    with tenant(account_id) as account:
        add_methods(account=account, methods=[NewMethod(customer_id, CARD)], now=PAID_AT)
    outbox.drain(account_id, limit=50)
    with tenant(account_id) as account:
        request_attempts(account=account, invoice_ids=[invoice_id], now=PAID_AT)
        attempt = PaymentAttempt.objects.of(account).get(invoice_id=invoice_id)
        said = Outcome(
            key=attempt.id,
            state=OutcomeState.SUCCEEDED,
            amount=Money(attempt.amount_minor, "EUR"),
            gateway_reference="ref",
            error=None,
        )
        record_attempts(
            account=account, outcomes=[said], wall=PAID_AT, look_up_after=PAID_AT - PAID_AT
        )
    outbox.drain(account_id, limit=50)


def paid(account_id, *invoice_ids, amount=3060):
    """Settled from elsewhere; the mails are meant, not sent."""
    with tenant(account_id) as account:
        settle(
            account=account,
            settlements=[Settlement(each, new_id(), amount) for each in invoice_ids],
            now=PAID_AT,
        )
    outbox.drain(account_id, limit=50)


def mails(account_id):
    """The account's mails, oldest first."""
    with tenant(account_id) as account:
        return list(Mail.objects.of(account).order_by("id"))


def receipts(count=1, *, is_live=True, **terms):
    """An account with so many meant receipts; its id."""
    account_id = merchant(is_live=is_live, **terms)
    customer(account_id)
    paid(account_id, *claims(account_id, *(f"inv-{number}" for number in range(count))))
    return account_id


def opened(account_id, mail_id) -> Opened:
    """The mail as a person reads it, now."""
    found = open_mail(account_id, mail_id, now=wall_now())
    assert found is not None, "it is made already, or can be"
    return found


LINK = re.compile(r"http://127\.0\.0\.1:8000(/p/[\w-]{22})")


def link_in(text: str) -> str:
    """The path of the hosted page that the mail leads to."""
    found = LINK.search(text)
    assert found is not None, text
    return found[1]
