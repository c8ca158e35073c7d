"""One chip for each state, everywhere: a word, a shape, a tone, and what moves it on.

The tone is never alone: whoever sees no colours has the shape, whoever sees no shapes the word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import Promise

Words: TypeAlias = "str | Promise"


@dataclass(frozen=True, slots=True)
class Chip:
    label: Words
    tone: str
    shape: str
    hint: Words = ""


SHAPES: Mapping[str, str] = {
    "disc": '<circle class="full" cx="5" cy="5" r="4"/>',
    "ring": '<circle cx="5" cy="5" r="3.6"/>',
    "half": '<circle cx="5" cy="5" r="3.6"/><path class="full" d="M5 1.4a3.6 3.6 0 0 1 0 7.2z"/>',
    "tick": '<path d="M1.6 5.4 4 7.8l4.4-5.4"/>',
    "cross": '<path d="m2 2 6 6M8 2 2 8"/>',
    "dash": '<path d="M1.8 5h6.4"/>',
    "warning": '<path d="M5 1.4 9 8.6H1z"/><path d="M5 4.2v1.6"/>',
    "pause": '<path d="M3.2 2v6M6.8 2v6"/>',
    "arrow": '<path d="M1.4 5h7M5.6 2.2 8.4 5 5.6 7.8"/>',
    "question": '<path d="M3 3.4C3 2.2 4 1.6 5 1.6s2 .7 2 1.8C7 5 5 4.8 5 6.4M5 8.6v.1"/>',
}
"""Drawn in a field of ten by ten."""

CHIPS: Mapping[str, Mapping[str, Chip]] = {
    "account": {
        "test": Chip(_("Test"), "test", "ring", _("No money moves in a test account.")),
        "live": Chip(_("Live"), "good", "disc", _("Customers are really charged.")),
        "closed": Chip(_("Closed"), "plain", "dash"),
    },
    "customer": {
        "active": Chip(_("Active"), "good", "disc"),
        "deleted": Chip(_("Deleted"), "plain", "cross"),
    },
    "subscription": {
        "active": Chip(_("Active"), "good", "disc", _("Renews by itself at the next period.")),
        "cancelled": Chip(
            _("Ending"), "warn", "arrow", _("Cancelled: runs on to its end, then expires.")
        ),
        "expired": Chip(_("Expired"), "plain", "dash", _("It has ended and bills no more.")),
        "trial": Chip(_("Trial"), "info", "ring", _("The first paid period follows the trial.")),
    },
    "plan": {
        "active": Chip(_("Active"), "good", "disc"),
        "superseded": Chip(_("Superseded"), "plain", "half", _("A newer version is sold.")),
        "deleted": Chip(_("Deleted"), "plain", "cross"),
    },
    "invoice": {
        "created": Chip(_("Created"), "info", "ring", _("Its document is still to be issued.")),
        "pending": Chip(_("Open"), "info", "ring", _("Waits for its payment.")),
        "dunning": Chip(_("In dunning"), "warn", "warning", _("Reminders ask for the payment.")),
        "settled": Chip(_("Paid"), "good", "tick", _("Nothing is open any more.")),
        "failed": Chip(_("Failed"), "bad", "cross", _("No payment came; it can be paid still.")),
        "cancelled": Chip(_("Cancelled"), "plain", "dash", _("It asks for nothing any more.")),
    },
    "attempt": {
        "requested": Chip(_("Requested"), "info", "ring", _("Goes to the acquirer next.")),
        "in_flight": Chip(_("Under way"), "info", "half", _("The acquirer's answer is awaited.")),
        "unknown": Chip(_("Unclear"), "warn", "question", _("The acquirer is asked again.")),
        "succeeded": Chip(_("Succeeded"), "good", "tick"),
        "soft_declined": Chip(_("Declined for now"), "warn", "warning", _("May work later.")),
        "hard_declined": Chip(_("Declined"), "bad", "cross", _("Needs another payment method.")),
    },
    "method": {
        "active": Chip(_("Active"), "good", "disc"),
        "failed": Chip(_("Failed"), "bad", "cross", _("A new payment method is needed.")),
    },
    "run": {
        "billing": Chip(_("Billing"), "info", "half", _("Invoices are being issued.")),
        "paused": Chip(_("Paused"), "warn", "pause", _("Goes on when you resume it.")),
        "collecting": Chip(_("Collecting"), "info", "half", _("Payments are under way.")),
        "closed": Chip(_("Closed"), "good", "tick", _("Everything is billed; the sheet stands.")),
    },
    "parked": {
        "parked": Chip(_("Parked"), "warn", "pause", _("Waits until you release it.")),
        "released": Chip(_("Released"), "plain", "arrow"),
    },
    "rendering": {
        "waiting": Chip(_("Waiting"), "info", "ring", _("The document is made in a moment.")),
        "ready": Chip(_("Ready"), "good", "tick"),
        "parked": Chip(_("Parked"), "warn", "pause", _("Waits until you release it.")),
    },
    "mail": {
        "queued": Chip(_("Queued"), "info", "ring"),
        "waiting": Chip(_("Waiting"), "info", "ring"),
        "sent": Chip(_("Sent"), "good", "tick"),
        "failed": Chip(_("Failed"), "bad", "cross"),
        "bounced": Chip(_("Bounced"), "bad", "arrow"),
        "parked": Chip(_("Parked"), "warn", "pause", _("Waits until you release it.")),
    },
    "delivery": {
        "pending": Chip(_("Pending"), "info", "ring"),
        "delivered": Chip(_("Delivered"), "good", "tick"),
        "failed": Chip(_("Failed"), "bad", "cross"),
        "parked": Chip(_("Parked"), "warn", "pause", _("Waits until you release it.")),
    },
}
"""Chips by what they are the state of, and the state."""


def chip(family: str, state: str) -> Chip:
    """A state that nobody drew yet shows itself in its own word."""
    known = CHIPS.get(family, {}).get(state)
    return known or Chip(state.replace("_", " ").capitalize(), "plain", "ring")
