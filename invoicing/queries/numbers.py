"""Documents by the number that people read off them."""

from accounts.models import Account
from invoicing.models import Document


def numbered(account: Account, beginning: str, limit: int) -> list[tuple[str, str]]:
    """(number, handle of the claim) of documents whose number begins so, newest first."""
    documents = Document.objects.of(account).filter(number__startswith=beginning.upper())
    return list(documents.order_by("-id").values_list("number", "invoice__handle")[:limit])
