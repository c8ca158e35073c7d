"""What the law asks of an invoice and this document does not say (§ 14 (4) UStG)."""

from collections.abc import Iterator
from dataclasses import dataclass

from invoicing.domain.facts import DocumentFacts, Recipient, Sender


@dataclass(frozen=True, slots=True)
class Problem:
    """A stable code, and a sentence that says what is missing and where it is put right."""

    code: str
    sentence: str


def problems(facts: DocumentFacts) -> list[Problem]:
    """Everything that is missing, in the order of the page; none for a document in order."""
    return [*_of_sender(facts.sender), *_of_recipient(facts.recipient), *_of_content(facts)]


def _of_sender(sender: Sender) -> Iterator[Problem]:
    if not sender.name.strip():
        yield Problem("sender_name_missing", "Your company's name is missing in the settings.")
    if not (sender.address and sender.postal_code and sender.city):
        yield Problem(
            "sender_address_missing", "Your company's full address is missing in the settings."
        )
    if not (sender.vat_id or sender.tax_number):
        yield Problem("tax_number_missing", "Your VAT id or tax number is missing in the settings.")


def _of_recipient(recipient: Recipient) -> Iterator[Problem]:
    if not (recipient.company or recipient.person):
        yield Problem("recipient_name_missing", "The customer's name is missing.")
    if not (recipient.address and recipient.postal_code and recipient.city):
        yield Problem("recipient_address_missing", "The customer's full address is missing.")


def _of_content(facts: DocumentFacts) -> Iterator[Problem]:
    if not facts.number:
        yield Problem("number_missing", "The document has no number.")
    if not facts.lines:
        yield Problem("lines_missing", "The document has no lines.")
    if any(not each.text.strip() for each in facts.lines):
        yield Problem("line_text_missing", "A line does not say what it is for.")
    if sum(each.gross_minor for each in facts.lines) != facts.gross_minor:
        yield Problem("sums_differ", "The lines do not add up to the total.")
