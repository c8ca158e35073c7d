"""How an invoice stands, in the words of the one who pays it."""

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.queries import business_today
from invoicing.domain.lifecycle import State
from invoicing.paper import words
from invoicing.queries.claims import ClaimFact
from kernel.clock import local_date
from messaging.domain.values import Values, cards
from payments.domain.lifecycle import State as AttemptState
from payments.queries import attempts_by_invoice


def standing(account: Account, claim: ClaimFact, language: str) -> Values:
    """A word, its tone and its shape, the amount that matters now, and a sentence on it."""
    open_minor = claim.gross_minor - claim.settled_minor
    is_paid = claim.state is State.SETTLED
    is_cancelled = claim.state is State.CANCELLED
    shown = claim.gross_minor if is_paid or is_cancelled else open_minor
    with translation.override(language):
        return {
            **_word(account, claim),
            "amount": words.money(shown, claim.currency, language),
            "sentence": _sentence(account, claim, language),
            "paid": _part(claim.settled_minor, claim, language),
            "open": "" if is_paid or is_cancelled else _part(open_minor, claim, language),
        }


def _word(account: Account, claim: ClaimFact) -> Values:
    if claim.state is State.SETTLED:
        return {"word": _("Paid"), "tone": "good", "shape": "tick"}
    if claim.state is State.CANCELLED:
        return {"word": _("Invoice cancelled"), "tone": "plain", "shape": "dash"}
    if claim.due_on < business_today(account):
        return {"word": _("Overdue"), "tone": "warn", "shape": "warning"}
    return {"word": _("Open"), "tone": "info", "shape": "ring"}


def _sentence(account: Account, claim: ClaimFact, language: str) -> str:
    if claim.state is State.CANCELLED:
        return _("There is nothing to pay.")
    if claim.state is not State.SETTLED:
        return _("due on %(day)s") % {"day": words.day(claim.due_on, language)}
    found = []
    if claim.settled_at:
        paid_on = words.day(local_date(claim.settled_at, account.timezone), language)
        found.append(_("on %(day)s") % {"day": paid_on})
    if drawn := _cards(account, claim):
        found.append(_("by %(card)s") % {"card": drawn})
    return " ".join(found)


def _cards(account: Account, claim: ClaimFact) -> str:
    attempts = attempts_by_invoice(account, [claim.id]).get(claim.id, [])
    drawn = [each.method for each in attempts if each.state is AttemptState.SUCCEEDED]
    return cards([(each.brand, each.masked_number) for each in drawn])


def _part(minor: int, claim: ClaimFact, language: str) -> str:
    """A part of the claim's amount, where there is one and it is not the whole."""
    if not minor or minor == claim.gross_minor:
        return ""
    return words.money(minor, claim.currency, language)
