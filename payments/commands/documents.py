"""Documents as their readers get them.

It stands here because whether a document asks for a transfer hangs on the customer's methods.
"""

from datetime import datetime
from uuid import UUID

from accounts.models import Account
from foundation.tenancy import tenant
from invoicing.commands import render
from invoicing.domain.facts import DocumentFacts
from invoicing.domain.rendering import Pdf, Waiting
from invoicing.paper import page
from invoicing.queries import documents
from payments import queries


def ask_for_pdf(*, account: Account, document_id: UUID, now: datetime) -> None:
    """The document's file will be wanted soon; asking twice asks once. `now` is wall time."""
    if _ensure(account, document_id, now):
        render.wake_renderer(account)


def pdf_of(account_id: UUID, document_id: UUID, *, now: datetime) -> Pdf | Waiting:
    """The document's file, made at the first look; call it outside any door. `now` is wall time.

    Raises `NotFound`. `Waiting` says why there is no file yet.
    """
    with tenant(account_id) as account:
        _ensure(account, document_id, now + render.HEAD_START)
    return render.pdf_of(account_id, document_id, now=now)


def html_of(*, account: Account, document_id: UUID) -> str:
    """The same page for the screen, whole with its head; raises `NotFound`."""
    facts = documents.document(account, document_id)
    wanted = documents.rendering_of(account, document_id)
    asks = wanted.asks_transfer if wanted else _asks_transfer(account, facts)
    return page.for_screen(facts, asks_transfer=asks)


def _ensure(account: Account, document_id: UUID, at: datetime) -> bool:
    facts = documents.document(account, document_id)
    return render.ensure_rendering(
        account=account,
        document_id=document_id,
        asks_transfer=_asks_transfer(account, facts),
        at=at,
    )


def _asks_transfer(account: Account, facts: DocumentFacts) -> bool:
    """The claim is open, and there is nothing to draw it from."""
    if not documents.is_open(account, facts.invoice_id):
        return False
    return not queries.usable_methods(account, [facts.customer_id])
