"""One claim: what it is made of, what happened to it, its document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.chips import Words
from dashboard.doors import AccountView
from dashboard.outside import OutsideView
from foundation.tenancy import tenant
from invoicing.domain.problems import problems
from invoicing.domain.rendering import Waiting
from invoicing.queries.claims import ClaimFact, claim_facts, id_of
from invoicing.queries.documents import document_of, rendering_of
from kernel.clock import wall_now
from payments.commands import documents
from payments.domain.lifecycle import State as AttemptState
from payments.queries import AttemptDetail, attempts_by_invoice
from subscriptions.queries.facts import periods_by_invoice

PROBLEMS: Mapping[str, Words] = {
    "sender_name_missing": gettext_lazy("Your company's name is missing in the settings."),
    "sender_address_missing": gettext_lazy(
        "Your company's full address is missing in the settings."
    ),
    "tax_number_missing": gettext_lazy("Your VAT ID or tax number is missing in the settings."),
    "recipient_name_missing": gettext_lazy("The customer's name is missing."),
    "recipient_address_missing": gettext_lazy("The customer's full address is missing."),
    "number_missing": gettext_lazy("The document has no number."),
    "lines_missing": gettext_lazy("The document has no lines."),
    "line_text_missing": gettext_lazy("A line does not say what it is for."),
    "sums_differ": gettext_lazy("The lines do not add up to the total."),
}
TONES = {
    AttemptState.SUCCEEDED: "good",
    AttemptState.SOFT_DECLINED: "warn",
    AttemptState.HARD_DECLINED: "bad",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline."""

    at: datetime
    text: Words
    tone: str = ""


class InvoiceDetail(AccountView):
    here = "invoices"

    def get(self, _request: HttpRequest, handle: str) -> HttpResponse:
        invoice_id = id_of(self.account, handle)
        claim = claim_facts(self.account, [invoice_id])[invoice_id]
        attempts = attempts_by_invoice(self.account, [invoice_id]).get(invoice_id, [])
        context = {
            "claim": claim,
            "open_minor": claim.gross_minor - claim.settled_minor,
            "attempts": attempts,
            "period": periods_by_invoice(self.account, [invoice_id]).get(invoice_id),
            "story": sorted(_story(claim, attempts), key=lambda each: each.at)[::-1],
        }
        return self.render("dashboard/invoice.html", context | self._paper(claim))

    def _paper(self, claim: ClaimFact) -> dict[str, Any]:
        if claim.document_id is None:
            return {"paper": None}
        paper = document_of(self.account, claim.id)
        return {
            "paper": paper,
            "rendering": rendering_of(self.account, paper.id),
            "problems": [PROBLEMS.get(each.code, each.sentence) for each in problems(paper)],
        }


class InvoicePdf(OutsideView):
    """The document as a file; while there is none, the page says why and shows it as a page."""

    here = "invoices"

    def get(self, request: HttpRequest, handle: str) -> HttpResponse:
        with tenant(self.place.account_id) as account:
            document = document_of(account, id_of(account, handle))
        found = documents.pdf_of(self.place.account_id, document.id, now=wall_now())
        if isinstance(found, Waiting):
            context = {"document": document, "waiting": found}
            return self.show("dashboard/document_waits.html", context, status=503)
        response = HttpResponse(found.content, content_type="application/pdf")
        way = "attachment" if "download" in request.GET else "inline"
        name = quote(found.filename, safe="")
        response.headers["Content-Disposition"] = f"{way}; filename*=utf-8''{name}"
        return response


class InvoicePage(AccountView):
    """The document as a page, when its file is not there yet or a look is enough."""

    def get(self, _request: HttpRequest, handle: str) -> HttpResponse:
        document = document_of(self.account, id_of(self.account, handle))
        return HttpResponse(documents.html_of(account=self.account, document_id=document.id))


def _story(claim: ClaimFact, attempts: list[AttemptDetail]) -> Iterator[Happening]:
    """What happened, in business time, each thing after what it follows from."""
    yield Happening(claim.created_at, _("Issued"))
    for each in attempts:
        card = f"{each.method.brand} {each.method.masked_number}"
        at, error = each.created_at, each.error.replace("_", " ")
        match each.state:
            case AttemptState.SUCCEEDED:
                yield Happening(at, _("Payment by %(card)s") % {"card": card}, "good")
            case AttemptState.SOFT_DECLINED | AttemptState.HARD_DECLINED:
                told = _("Declined: %(card)s, %(error)s") % {"card": card, "error": error}
                yield Happening(at, told, TONES[each.state])
            case _:
                yield Happening(at, _("Payment under way by %(card)s") % {"card": card}, "next")
    if claim.settled_at is not None:
        yield Happening(claim.settled_at, _("Paid in full"), "good")
