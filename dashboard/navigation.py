"""The places of an account, as the navigation shows them: those that exist and may be seen."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from accounts.domain.rights import Right, may
from accounts.queries import Place
from dashboard.chips import Words


@dataclass(frozen=True, slots=True)
class Entry:
    """One place: the name of its address, which also marks it as the current one."""

    name: str
    label: Words
    icon: str
    key: str = ""
    right: Right = Right.SEE


@dataclass(frozen=True, slots=True)
class Group:
    label: Words
    entries: tuple[Entry, ...]


PLACES: tuple[Group, ...] = (
    Group("", (Entry("home", _("Home"), "home", "h"),)),
    Group(
        _("Customers and subscriptions"),
        (
            Entry("customers", _("Customers"), "customers", "c"),
            Entry("subscriptions", _("Subscriptions"), "subscriptions", "s"),
        ),
    ),
    Group(
        _("Payments"),
        (
            Entry("invoices", _("Invoices"), "invoices", "i"),
            Entry("attempts", _("Transactions"), "payments", "t"),
            Entry("runs", _("Billing runs"), "runs", "r"),
            Entry("journal", _("Ledger"), "ledger", "l", Right.SEE_BOOKS),
        ),
    ),
    Group(
        _("Product catalogue"),
        (
            Entry("plans", _("Plans"), "plans", "p"),
            Entry("add_ons", _("Add-ons"), "addons", "o"),
        ),
    ),
    Group(
        _("Communication"),
        (Entry("mails", _("Sent mail"), "mail", "m"),),
    ),
    Group(
        _("Developers"),
        (
            Entry("webhooks", _("Webhooks"), "webhooks", "w"),
            Entry("api_keys", _("API credentials"), "keys", "", Right.DEVELOP),
        ),
    ),
    Group(
        _("Administration"),
        (
            Entry("parked", _("Parked items"), "parked", "x"),
            Entry("audit", _("Audit log"), "audit", "a", Right.SEE_AUDIT),
            Entry("settings", _("Account settings"), "settings", "e"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Link:
    label: Words
    icon: str
    key: str
    url: str
    is_here: bool


def links(place: Place, here: str) -> list[tuple[Words, list[Link]]]:
    """Group by group what this person finds in this account; `here` names the current place."""
    found = []
    for group in PLACES:
        shown = [
            Link(each.label, each.icon, each.key, url, each.name == here)
            for each in group.entries
            if may(place.role, each.right) and (url := address(place, each.name))
        ]
        if shown:
            found.append((group.label, shown))
    return found


def address(place: Place, name: str, *args: object) -> str:
    """The page of that name in this account; nothing where there is no such page."""
    try:
        return reverse(f"dashboard:{name}", args=[place.subdomain, place.handle, *args])
    except NoReverseMatch:
        return ""
