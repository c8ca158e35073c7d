"""Addresses of hosted pages that stand in answers."""

from uuid import UUID

from django.conf import settings
from django.core import signing

from accounts.models import Account
from foundation.capabilities import hosted_address

PAYMENT_INFO = "payment_info"


def payment_page(account: Account, subscription_id: UUID) -> str:
    """Where a customer looks after the payment method of a subscription.

    Whoever has the address has the leave: it is signed, and the same each time it is told.
    """
    said = f"{account.id.hex}{subscription_id.hex}"
    signature = signing.Signer(key=settings.SECRET_KEY, salt=PAYMENT_INFO).signature(said)
    return hosted_address(f"{PAYMENT_INFO}-{subscription_id.hex}-{signature}")
