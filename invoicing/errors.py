"""What invoicing refuses."""

from kernel.errors import Refused


class OverSettled(Refused):
    """More would be settled than is open."""

    def __init__(self, invoice: str, open_minor: int, amount_minor: int) -> None:
        super().__init__(
            "over_settled",
            "Invoice {invoice} has {open_minor} minor units open: {amount_minor} cannot go on it.",
            invoice=invoice,
            open_minor=open_minor,
            amount_minor=amount_minor,
        )


class MixedDraft(Refused):
    """A draft without lines, below zero, or beyond what an amount can hold."""

    def __init__(self, handle: str, reason: str) -> None:
        super().__init__(
            "invalid_draft", "Invoice {handle}: {reason}.", handle=handle, reason=reason
        )
