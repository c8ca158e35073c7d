"""Reads on documents as they are printed, and on their files."""

from dataclasses import fields
from datetime import datetime
from uuid import UUID

from django.db.models import Min

from accounts.models import Account, AccountVersion
from customers.models import Customer, CustomerVersion
from invoicing.domain.facts import DocumentFacts, FactLine, Recipient, Sender
from invoicing.domain.lifecycle import COLLECTABLE
from invoicing.domain.numbering import is_test_series
from invoicing.domain.rendering import RenderingFact, RenderState
from invoicing.models import Document, DocumentLine, Invoice, Rendering
from kernel.errors import NotFound


def document_of(account: Account, invoice_id: UUID) -> DocumentFacts:
    """The latest document of the claim with all it says; `NotFound` when it has none."""
    found = Document.objects.of(account).filter(invoice_id=invoice_id).order_by("-id").first()
    return _facts(account, found, invoice_id)


def document(account: Account, document_id: UUID) -> DocumentFacts:
    """The document with all it says, or `NotFound`."""
    found = Document.objects.of(account).filter(id=document_id).first()
    return _facts(account, found, document_id)


def _facts(account: Account, document: Document | None, asked: UUID) -> DocumentFacts:
    if document is None:
        raise NotFound("document", asked)
    invoice = Invoice.objects.of(account).get(id=document.invoice_id)
    sender = AccountVersion.objects.of(account).get(id=document.account_version_id)
    recipient = CustomerVersion.objects.of(account).get(id=document.customer_version_id)
    lines = DocumentLine.objects.of(account).filter(document_id=document.id).order_by("position")
    return DocumentFacts(
        id=document.id,
        invoice_id=invoice.id,
        invoice_handle=invoice.handle,
        customer_id=invoice.customer_id,
        customer_handle=Customer.objects.of(account).get(id=invoice.customer_id).handle,
        kind=document.kind,
        number=document.number,
        issued_on=document.issued_on,
        due_on=document.due_on,
        service_from=document.service_from,
        service_to=document.service_to,
        language=document.language,
        currency=document.currency,
        net_minor=document.net_minor,
        tax_minor=document.tax_minor,
        gross_minor=document.gross_minor,
        is_test=account.state != Account.State.LIVE and is_test_series(document.series),
        sender=Sender(**{each.name: getattr(sender, each.name) for each in fields(Sender)}),
        recipient=Recipient(
            **{each.name: getattr(recipient, each.name) for each in fields(Recipient)}
        ),
        lines=tuple(
            FactLine(**{each.name: getattr(line, each.name) for each in fields(FactLine)})
            for line in lines
        ),
    )


def is_open(account: Account, invoice_id: UUID) -> bool:
    """Whether money may still be drawn or sent for the claim."""
    return Invoice.objects.of(account).filter(id=invoice_id, state__in=COLLECTABLE).exists()


def rendering_of(account: Account, document_id: UUID) -> RenderingFact | None:
    """Where the document's file stands; nothing when nobody has asked for it yet."""
    rendering = Rendering.objects.of(account).filter(document_id=document_id).first()
    if rendering is None:
        return None
    return RenderingFact(
        id=rendering.id,
        document_id=document_id,
        state=RenderState(rendering.state),
        asks_transfer=rendering.asks_transfer,
        digest=rendering.digest,
        tries=rendering.tries,
        next_at=rendering.next_at,
        failure=rendering.failure,
    )


def renderings_due(account: Account, now: datetime, limit: int) -> list[UUID]:
    """The documents whose file is to be made by `now` (wall time), longest waiting first."""
    waiting = Rendering.objects.of(account).filter(state=RenderState.WAITING, next_at__lte=now)
    return list(waiting.order_by("next_at", "id").values_list("document_id", flat=True)[:limit])


def next_rendering_at(account: Account) -> datetime | None:
    """The earliest instant (wall time) at which a file is to be made."""
    waiting = Rendering.objects.of(account).filter(state=RenderState.WAITING)
    earliest: datetime | None = waiting.aggregate(at=Min("next_at"))["at"]
    return earliest
