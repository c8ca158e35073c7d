"""The pages of the guide and the names of the reference's groups, in the order of the contents."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from api.docs.reference import groups

PAGES: Mapping[str, Promise] = {
    "index": _("Overview"),
    "quick-start": _("Quick start"),
    "tasks": _("Find an endpoint"),
    "authentication": _("Authentication"),
    "errors": _("Errors"),
    "limits": _("Rate limits"),
    "lists": _("Lists and pages"),
    "webhooks": _("Webhooks"),
    "test-cards": _("Test cards"),
}
GROUPS: Mapping[str, Promise] = {
    "account": _("Account"),
    "customer": _("Customers"),
    "plan": _("Plans"),
    "add_on": _("Add-ons"),
    "coupon": _("Coupons"),
    "discount": _("Discounts"),
    "payment_method": _("Payment methods"),
    "subscription": _("Subscriptions"),
    "invoice": _("Invoices"),
    "transaction": _("Transactions"),
    "event": _("Events"),
    "webhook": _("Webhooks"),
    "error_codes": _("Error codes"),
}


@dataclass(frozen=True)
class Place:
    """An entry of the contents."""

    name: str
    title: str
    url: str


def guide() -> list[Place]:
    return [Place(name, str(title), _url(name)) for name, title in PAGES.items()]


def chapters() -> list[Place]:
    """The groups that the reference has; the known ones first, in their order."""
    known = [*GROUPS, *groups()]
    return [chapter(name) for name in sorted(groups(), key=known.index)]


def chapter(name: str) -> Place:
    title = GROUPS.get(name) or name.replace("_", " ").capitalize()
    return Place(name, str(title), reverse("docs:group", args=[name]))


def _url(name: str) -> str:
    return reverse("docs:page") if name == "index" else reverse("docs:page", args=[name])
