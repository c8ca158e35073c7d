"""What customers were written: the list, and each mail exactly as it went out."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from dashboard.columns import Column, Empty, Table
from dashboard.lists import ListView
from dashboard.outside import OutsideView
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import NotFound, Upstream
from messaging import queries
from messaging.commands.open_mail import open_mail
from messaging.domain.opened import Opened
from messaging.listings import MAILS

BODY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src 'self' data:",
        "frame-ancestors 'self'",
        "sandbox",
    ]
)

KINDS = {"invoice_receipt": _("Receipt"), "webhook_alarm": _("Webhooks fail")}

TABLE = Table(
    name="mails",
    title=_("Sent mail"),
    lead=_("Mail of a test account stays here and reaches nobody."),
    listing=MAILS,
    columns=(
        Column(name="created_at", label=_("Created")),
        Column(name="state", label=_("State"), chip="mail"),
        Column(name="subject", label=_("Subject"), link="mail", link_by="id"),
        Column(name="kind", label=_("Occasion"), words=KINDS),
        Column(name="recipient", label=_("To")),
        Column(name="customer", label=_("Customer"), link="customer"),
        Column(name="invoice", label=_("Invoice"), link="invoice"),
        Column(name="subscription", label=_("Subscription"), link="subscription", is_default=False),
        Column(name="language", label=_("Language"), is_default=False),
        Column(name="tries", label=_("Tries"), is_default=False),
        Column(name="error", label=_("Reason"), is_default=False),
        Column(name="ended_at", label=_("Sent"), is_default=False),
    ),
    empty=Empty(
        icon="mail",
        title=_("No mail yet"),
        text=_("Customers with an e-mail address get a receipt when an invoice is paid."),
    ),
)


class MailList(ListView):
    table = TABLE
    here = "mails"


class MailDetail(OutsideView):
    here = "mails"

    def get(self, _request: HttpRequest, mail_id: UUID) -> HttpResponse:
        return self.show("dashboard/mail.html", _mail(self, mail_id))


@method_decorator(xframe_options_sameorigin, name="dispatch")
class MailBody(OutsideView):
    """The mail's own page, for the frame inside ours: it may draw, and nothing else."""

    def get(self, _request: HttpRequest, mail_id: UUID) -> HttpResponse:
        mail = _part_of(self, mail_id)
        if mail is None or not mail.html:
            raise NotFound("mail", mail_id)
        response = HttpResponse(mail.html)
        response.headers["Content-Security-Policy"] = BODY_POLICY
        return response


class MailPart(OutsideView):
    """A file that goes with a mail, by its place in it."""

    def get(self, _request: HttpRequest, mail_id: UUID, number: int) -> HttpResponse:
        mail = _part_of(self, mail_id)
        if mail is None or not 1 <= number <= len(mail.parts):
            raise NotFound("mail", mail_id)
        part = mail.parts[number - 1]
        response = HttpResponse(part.content, content_type="application/octet-stream")
        name = part.filename.encode("ascii", "replace").decode().replace('"', "")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _mail(view: OutsideView, mail_id: UUID) -> dict[str, Any]:
    """The row, and the mail where it can be made."""
    problem, mail = "", None
    try:
        mail = _opened(view, mail_id)
    except Upstream as error:
        problem = str(error)
    with tenant(view.place.account_id) as account:
        row = queries.mail(account, mail_id)
    return {"row": row, "mail": mail, "problem": problem}


def _part_of(view: OutsideView, mail_id: UUID) -> Opened | None:
    """The mail, or nothing where it cannot be made; its page says why."""
    try:
        return _opened(view, mail_id)
    except Upstream:
        return None


def _opened(view: OutsideView, mail_id: UUID) -> Opened | None:
    return open_mail(view.place.account_id, mail_id, now=wall_now())
