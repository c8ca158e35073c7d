"""What is parked is listed, and a person lets it go on, whatever its kind."""

from foundation import jobs, outbox
from foundation.models import Dispatch
from foundation.queries import parked
from foundation.tenancy import tenant
from kernel.clock import wall_now
from payments.commands.record_attempts import PARK_KIND
from tests.operations.ready import ready_account
from tests.operations.test_bill import kontor


def test_a_parked_dispatch_is_listed_and_goes_on_when_released():
    account_id = ready_account("one")
    with tenant(account_id) as account:
        waiting = Dispatch.objects.of(account).earliest("id")
        waiting.state, waiting.reason = Dispatch.State.PARKED, "the hearer failed"
        waiting.save(update_fields=["state", "reason"])

    assert "the hearer failed" in kontor("runs", account=str(account_id))
    kontor("bill", account=str(account_id), release=str(waiting.id))

    with tenant(account_id) as account:
        assert outbox.parked(account) == []
    assert "parked, until" not in kontor("runs", account=str(account_id))


def test_a_parked_attempt_is_listed_and_asked_for_again_when_released():
    account_id = ready_account("one", card=None)
    with tenant(account_id) as account:
        subject_id = account.version_id
        jobs.park(
            account=account,
            kind=PARK_KIND,
            subject_id=subject_id,
            failure=jobs.Failure("contradicting_outcome", "the acquirer says otherwise"),
            now=wall_now(),
        )

    assert "the acquirer says otherwise" in kontor("runs", account=str(account_id))
    kontor("bill", account=str(account_id), release=str(subject_id))

    with tenant(account_id) as account:
        assert parked(account) == []
