"""Write down something about a customer."""

from datetime import datetime
from uuid import UUID

from accounts.domain.details import text
from accounts.models import Account
from customers.models import Customer, CustomerNote
from kernel.errors import Invalid, NotFound
from kernel.ids import new_id

NOTE_MAX = 10_000


def note(
    *, account: Account, customer_id: UUID, words: str, author: tuple[str, str], now: datetime
) -> CustomerNote:
    """The note, signed by its author's name and address, either of which may be empty."""
    if not Customer.objects.of(account).filter(id=customer_id).exists():
        raise NotFound("customer", customer_id)
    if not words.strip():
        raise Invalid("note_empty", "A note says something.", field="note")
    name, email = author
    return CustomerNote.objects.of(account).create(
        id=new_id(),
        account_id=account.id,
        customer_id=customer_id,
        text=text(words, field="note", limit=NOTE_MAX),
        author_name=text(name, field="author_name"),
        author_email=text(email, field="author_email"),
        created_at=now,
    )
