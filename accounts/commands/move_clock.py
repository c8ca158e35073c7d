"""Move a test account's own clock."""

from datetime import datetime

from accounts.models import Account
from foundation.tenancy import require
from kernel.errors import Invalid, Refused


def refuse_move(account: Account, to: datetime) -> None:
    """Raises `Refused` for an account that lives in real time and for any way back, and
    `Invalid` for an instant without a zone."""
    if account.clock_at is None:
        raise Refused(
            "no_own_clock",
            "The account {account} lives in real time: only a test account that was opened with "
            "a clock of its own can be moved.",
            account=account.handle,
        )
    if to.tzinfo is None:
        raise Invalid("naive_instant", "An instant needs a time zone: {at} has none.", at=to)
    if to < account.clock_at:
        raise Refused(
            "clock_only_forward",
            "The clock stands at {at} and moves only forward, not to {to}.",
            at=account.clock_at.isoformat(),
            to=to.isoformat(),
        )


def move_clock(*, account: Account, to: datetime) -> None:
    """Set the clock to `to`; the caller holds the lease. Raises as `refuse_move`."""
    require(account)
    locked = Account.objects.select_for_update().get(id=account.id)
    refuse_move(locked, to)
    locked.clock_at = account.clock_at = to
    locked.save(update_fields=["clock_at"])
