"""The hosted pages: an invoice, its PDF, and the merchant's terms."""

from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.queries import party
from customers.queries import tongue
from foundation import files
from foundation.capabilities import HOSTED, Grant
from foundation.tenancy import tenant
from invoicing.domain.facts import DocumentFacts
from invoicing.domain.rendering import Waiting
from invoicing.queries.claims import claim_facts
from invoicing.queries.documents import document_of
from kernel.clock import wall_now
from kernel.errors import NotFound
from messaging.domain.languages import language_of
from messaging.domain.values import Values, merchant, paper
from payments.commands import documents
from portal.doors import asked_language, closed, hosted, languages, not_there
from portal.standing import standing

PDF_RETRY_SECONDS = "30"
LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class Shown:
    """What every page of an invoice needs, read at once."""

    document_id: UUID
    language: str
    values: Values


@hosted
def invoice(request: HttpRequest, grant: Grant, token: str) -> HttpResponse:
    """The invoice with its lines, its sums and how it stands."""
    return _page(request, _shown(request, grant, token), "portal/invoice.html")


@hosted
def invoice_pdf(request: HttpRequest, grant: Grant, token: str) -> HttpResponse:
    """The document as a file; a page says so while it is still being made."""
    shown = _shown(request, grant, token)
    found = documents.pdf_of(grant.account_id, shown.document_id, now=wall_now())
    if isinstance(found, Waiting):
        response = _page(request, shown, "portal/waiting.html", status=503)
        response.headers["Retry-After"] = PDF_RETRY_SECONDS
        return response
    response = HttpResponse(found.content, content_type="application/pdf")
    name = quote(found.filename, safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=utf-8''{name}"
    return response


@hosted
def terms(request: HttpRequest, grant: Grant, token: str) -> HttpResponse:
    """What the merchant and the customer have agreed on in general."""
    shown = _shown(request, grant, token)
    with tenant(grant.account_id) as account:
        text = account.terms_of_service.strip()
    if not text:
        raise NotFound("terms", grant.account_id)
    return _page(request, shown, "portal/terms.html", {"text": text})


@hosted
def logo(_request: HttpRequest, grant: Grant, _token: str) -> HttpResponse:
    """The merchant's logo; as a drawing it may run nothing."""
    with tenant(grant.account_id) as account:
        if not account.logo_digest:
            raise NotFound("logo", grant.account_id)
        content, mime = files.get(account, account.logo_digest), account.logo_mime
    response = HttpResponse(content, content_type=mime)
    response.headers["Content-Security-Policy"] = LOGO_POLICY
    # Mail programs show it in pages of their own.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def nowhere(request: HttpRequest) -> HttpResponse:
    """Every other address below the hosted pages."""
    return closed(not_there(request))


def _shown(request: HttpRequest, grant: Grant, token: str) -> Shown:
    with tenant(grant.account_id) as account:
        facts = document_of(account, grant.subject_id)
        spoken = tongue(account, facts.customer_id)
        language = language_of(asked_language(request) or spoken, account.language)
        values = _values(account, facts, language, f"/{HOSTED}/{token}")
    values["languages"] = [dict(each) for each in languages(language)]
    return Shown(facts.id, language, values)


def _values(account: Account, facts: DocumentFacts, language: str, home: str) -> Values:
    claim = claim_facts(account, [facts.invoice_id])[facts.invoice_id]
    return {
        "language": language,
        "is_test": account.state != Account.State.LIVE,
        "home": home,
        "merchant": merchant(
            party(account),
            language,
            logo=f"{home}/logo" if account.logo_digest else "",
            terms=f"{home}/terms" if account.terms_of_service.strip() else "",
        ),
        "invoice": paper(facts, language),
        "standing": standing(account, claim, language),
    }


def _page(
    request: HttpRequest,
    shown: Shown,
    template: str,
    more: Values | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    with translation.override(shown.language):
        response = render(request, template, shown.values | (more or {}), status=status)
    response.headers["Content-Language"] = shown.language
    return response
