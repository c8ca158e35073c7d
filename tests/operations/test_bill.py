"""Billing from the command line, and what a person does about a run."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.queries import business_now, route_of, routes
from foundation import due
from foundation.models import Parked
from foundation.tenancy import tenant
from kernel.clock import wall_now
from operations.commands.bill import bill_all, bill_customer
from operations.commands.work_off import Standing
from subscriptions import queries
from subscriptions.commands import drive, runs
from tests.factories import card_token, set_clock
from tests.operations.ready import clock_of, ready_account, runs_of, sheets_of

pytestmark = pytest.mark.usefixtures("acquirer")


def kontor(*words, **options):
    """What the command writes."""
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def due_account(*handles, **rest):
    """An account whose clock stands where its first period is due."""
    account_id = ready_account(*handles, **rest)
    set_clock(account_id, "2026-02-01")
    return account_id


def periods_of(account_id, handle):
    with tenant(account_id) as account:
        return queries.by_handle(account, handle).period_count


def test_everything_workers_would_do_is_done_here_and_the_sheet_is_shown():
    account_id = due_account("one", "two")

    said = kontor("bill", account=str(account_id))

    (sheet,) = sheets_of(account_id)
    assert (sheet["documents"], sheet["settled"], sheet["difference"]) == (3980, 3980, 0)
    assert "closed  due 0  billed 2  failed 0  parked 0  39.80 EUR billed  39.80 EUR col" in said
    head, line = said.splitlines()[-2:]
    assert head.split()[:5] == ["currency", "claims", "lines", "documents", "ledger"]
    assert line.split(None, 1) == ["EUR", f"2  {'39.80 EUR  ' * 4} 0.00 EUR  0.00 EUR    0.00 EUR"]


def test_billing_again_finds_nothing_and_bills_nothing():
    account_id = due_account("one")
    kontor("bill", account=str(account_id))

    said = kontor("bill", account=str(account_id))

    assert said.endswith(": done\n")
    assert len(runs_of(account_id)) == 1


def test_an_account_in_real_time_catches_up_period_by_period_in_one_run():
    account_id = ready_account("one", clock=False, card=None)

    assert bill_all([account_id]) == {account_id: Standing.DONE}

    (run,) = runs_of(account_id)
    assert run.sheet["currencies"]["EUR"]["claims"] == periods_of(account_id, "one") > 8


def test_without_an_account_every_account_with_work_is_billed(owner):
    # What other tests left to do is theirs.
    owner.execute("DELETE FROM foundation_dueitem")
    own_clock, real_time = due_account("one"), ready_account("one", clock=False, card=None)
    assert {own_clock, real_time} <= set(due.accounts(wall_now()))

    said = kontor("bill")

    assert f"{route_of(str(own_clock))}: done" in said
    assert f"{route_of(str(real_time))}: done" in said
    assert len(runs_of(own_clock)) == len(runs_of(real_time)) == 1


def test_declined_payments_are_counted_and_stay_open():
    account_id = due_account("poor", card=card_token("102"))

    said = kontor("bill", account=str(account_id))

    assert "failed 1" in said
    assert sheets_of(account_id)[0]["open"] == 1990


def test_an_account_can_be_called_by_id_subdomain_and_handle():
    account_id = ready_account("one")
    route = next(each for each in routes() if each.account_id == account_id)

    for name in (str(account_id), account_id.hex, route.subdomain, f"{route.subdomain}/main"):
        assert route_of(name).account_id == account_id
    for name in ("nobody", f"{route.subdomain}/live", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(CommandError, match="There is no account"):
            kontor("bill", account=name)


def test_an_act_of_a_person_needs_an_account():
    with pytest.raises(CommandError, match="Say which account"):
        kontor("bill", pause="look first")


def test_a_run_whose_books_disagree_is_named_and_the_command_fails(owner):
    account_id = due_account("one", card=None)
    drive.bill(account_id, batches=10)
    owner.execute(
        "UPDATE invoicing_invoice SET settled_minor = 1 WHERE account_id = %s", [account_id]
    )
    said = StringIO()

    with pytest.raises(CommandError, match="not even"):
        call_command("bill", account=str(account_id), stdout=said)

    assert "settled amounts differ: claim 1, ledger 0, attempts 0" in said.getvalue()
    assert "UNEVEN" in kontor("runs", account=str(account_id))


def test_a_paused_run_bills_nothing_until_it_is_resumed():
    account_id = due_account("one")
    name = str(account_id)
    with tenant(account_id) as account:
        runs.open_or_join(account=account, now=business_now(account))
    kontor("bill", account=name, pause="look first")

    assert "--resume lets it go on" in kontor("bill", account=name)
    assert "paused (look first)" in kontor("runs", account=name)
    assert periods_of(account_id, "one") == 0

    kontor("bill", account=name, resume=True)
    assert ": done" in kontor("bill", account=name)
    assert [each["settled"] for each in sheets_of(account_id)] == [1990]


def break_subscription(owner, account_id, handle):
    """A value that no code of ours writes, so that billing it fails; returns how to mend it."""
    change = (
        "UPDATE subscriptions_subscription SET next_start = %s WHERE account_id = %s "
        "AND handle = %s"
    )
    owner.execute(change, ["garbage", account_id, handle])
    return lambda: owner.execute(change, ["2026-02-01T00:00", account_id, handle])


def test_a_parked_subscription_stops_no_other_and_catches_up_exactly_once(owner):
    account_id = due_account("one", "broken", "two")
    mend = break_subscription(owner, account_id, "broken")

    said = kontor("bill", account=str(account_id))
    assert "billed 2" in said
    assert "parked 1" in said
    assert periods_of(account_id, "broken") == 0

    mend()
    set_clock(account_id, "2026-03-15")
    kontor("bill", account=str(account_id))
    assert periods_of(account_id, "broken") == 0
    kontor("bill", account=str(account_id), release="broken")
    kontor("bill", account=str(account_id))
    kontor("bill", account=str(account_id))

    assert [periods_of(account_id, each) for each in ("one", "broken", "two")] == [2, 2, 2]
    assert sum(each["settled"] for each in sheets_of(account_id)) == 6 * 1990


def test_releasing_what_is_not_parked_is_refused():
    account_id = due_account("one")

    with pytest.raises(CommandError, match="There is no parked item"):
        kontor("bill", account=str(account_id), release="one")


def test_one_customer_is_billed_again_alone_once_mended(owner):
    account_id = due_account("broken", "other")
    mend = break_subscription(owner, account_id, "broken")
    drive.bill(account_id, batches=10)
    with tenant(account_id) as account:
        assert Parked.objects.of(account).get().released_at is None
    mend()

    assert bill_customer(account_id, "broken", by="test") == 1
    assert bill_customer(account_id, "broken", by="test") == 0

    with tenant(account_id) as account:
        parked = Parked.objects.of(account).get()
        assert (parked.released_by, parked.released_at is None) == ("test", False)
    assert periods_of(account_id, "broken") == 1
    kontor("bill", account=str(account_id))
    assert [each["claims"] for each in sheets_of(account_id)] == [2]


def test_one_customer_that_fails_again_is_parked_again(owner):
    account_id = due_account("broken")
    break_subscription(owner, account_id, "broken")
    drive.bill(account_id, batches=10)

    assert "0 periods of broken billed" in kontor(
        "bill", account=str(account_id), customer="broken"
    )

    with tenant(account_id) as account:
        assert Parked.objects.of(account).filter(released_at=None).count() == 1


def test_the_runs_are_listed_with_their_figures_and_their_sheet():
    account_id = due_account("one", "two", card=None)
    kontor("bill", account=str(account_id))

    head, line = kontor("runs", account=str(account_id)).splitlines()

    assert head.split()[:3] == ["account", "run", "state"]
    assert str(runs_of(account_id)[0].id) in line
    assert "closed  2026-02-01 00:00" in line
    assert line.endswith("39.80 EUR   0.00 EUR  even, 0.00 EUR")
    assert clock_of(account_id)


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5"])
def test_a_limit_is_a_whole_number_from_1(limit):
    with pytest.raises(CommandError, match="is not a whole number from 1"):
        call_command("runs", f"--limit={limit}")


def test_an_account_without_runs_says_so():
    assert kontor("runs", account=str(ready_account("one"))) == "no billing runs yet\n"
