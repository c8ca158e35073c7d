"""What a receipt says."""

from datetime import datetime, timedelta

from accounts.models import Account
from accounts.queries import party
from foundation import capabilities
from invoicing.domain.facts import DocumentFacts
from invoicing.paper import words
from invoicing.queries.claims import claim_facts
from invoicing.queries.documents import document_of
from kernel.clock import local_date
from messaging.domain.values import Values, cards, clean, merchant, paper
from messaging.models import Mail
from payments import queries as payments
from payments.domain.lifecycle import State as AttemptState

PURPOSE = "invoice"
LINK_LIFETIME = timedelta(days=730)
"""As long as a customer may well look for a receipt."""


def receipt(*, account: Account, mail: Mail, now: datetime) -> Values:
    """The values for one mail, with a fresh link to the hosted page of its claim.

    `now` is wall time; the link's token exists nowhere but in what is made of these values.
    """
    facts = document_of(account, mail.claim_id)
    (token,) = capabilities.mint(
        account=account,
        purpose=PURPOSE,
        subjects=[("invoice", mail.claim_id)],
        now=now,
        lifetime=LINK_LIFETIME,
    )
    link = capabilities.hosted_address(token)
    return {
        "language": mail.language,
        "is_test": account.state != Account.State.LIVE,
        "subject": mail.subject,
        "merchant": merchant(
            party(account),
            mail.language,
            logo=f"{link}/logo" if account.logo_digest else "",
            terms=f"{link}/terms" if account.terms_of_service.strip() else "",
        ),
        "customer": clean(facts.recipient.person or facts.recipient.company),
        "invoice": paper(facts, mail.language),
        "payment": _payment(account, facts, mail.language),
        "link": f"{link}?lang={mail.language}",
    }


def _payment(account: Account, facts: DocumentFacts, language: str) -> Values:
    """When and by what the claim was paid, as far as we know."""
    claim = claim_facts(account, [facts.invoice_id])[facts.invoice_id]
    attempts = payments.attempts_by_invoice(account, [facts.invoice_id]).get(facts.invoice_id, [])
    drawn = [each.method for each in attempts if each.state is AttemptState.SUCCEEDED]
    paid_on = local_date(claim.settled_at, account.timezone) if claim.settled_at else None
    return {
        "amount": words.money(claim.settled_minor, claim.currency, language),
        "on": words.day(paid_on, language) if paid_on else "",
        "by": cards([(each.brand, each.masked_number) for each in drawn]),
    }
