"""Why an operation ends before its work does."""

from datetime import datetime

from kernel.errors import Conflict, Refused


class RunPaused(Refused):
    """A paused billing run holds the account's time."""

    def __init__(self, account: str, at: datetime, reason: str) -> None:
        super().__init__(
            "billing_run_paused",
            "The billing run of {account} is paused at {at} ({reason}). Look at it with "
            "./kontor runs --account {account}, resume it with ./kontor bill --account {account} "
            "--resume, and repeat.",
            account=account,
            at=at.isoformat(),
            reason=reason,
        )


class StillBusy(Conflict):
    """Somebody else holds work of this account and does not get on with it."""

    def __init__(self, account: str) -> None:
        super().__init__(
            "account_busy",
            "Work of {account} is held by somebody else and does not move. Repeat this; what was "
            "done stays done.",
            account=account,
        )
