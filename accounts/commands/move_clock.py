"""Move a test account's own clock."""

from datetime import datetime

from accounts.models import Account
from kernel.errors import Refused


def move_clock(*, account: Account, to: datetime) -> None:
    """Set the clock to `to`; only who holds the account's clock lease may call this.

    Raises `Refused` for an account that lives in real time, and for any way back.
    """
    locked = Account.objects.select_for_update().get(id=account.id)
    if locked.clock_at is None:
        raise Refused("no_own_clock", "The account {handle} lives in real time.", handle=account.handle)
    if to < locked.clock_at:
        raise Refused(
            "clock_only_forward",
            "The clock stands at {at} and moves only forward, not to {to}.",
            at=locked.clock_at.isoformat(),
            to=to.isoformat(),
        )
    locked.clock_at = to
    locked.save(update_fields=["clock_at"])
    account.clock_at = to
