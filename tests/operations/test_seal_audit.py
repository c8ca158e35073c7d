"""The audit trail is chained for every account, by the clock of the machine."""

from foundation import audit
from foundation.models import AuditRow
from foundation.tenancy import tenant
from operations.commands.seal_audit import seal_all
from tests.factories import make_account, make_plan


def test_sealing_chains_the_rows_of_every_account_and_leaves_none_open():
    ids = [make_account(), make_account()]
    for account_id in ids:
        with tenant(account_id) as account:
            make_plan(account)

    assert seal_all() >= 4
    for account_id in ids:
        with tenant(account_id) as account:
            assert AuditRow.objects.of(account).filter(sequence=None).count() == 0
            assert list(audit.broken_links(account)) == []
