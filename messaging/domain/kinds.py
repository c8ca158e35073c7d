"""What mails there are."""

from enum import StrEnum


class Kind(StrEnum):
    """A mail's occasion; each has templates of its own."""

    INVOICE_RECEIPT = "invoice_receipt"
    WEBHOOK_ALARM = "webhook_alarm"
