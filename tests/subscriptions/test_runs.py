"""The billing run as a visible thing: joined, paused, resumed, closed with its sheet."""

import pytest

from accounts.queries import business_now
from foundation import due, jobs, outbox
from foundation.models import AuditRow, DueItem, Parked
from foundation.tenancy import tenant
from invoicing.models import Invoice
from kernel.clock import wall_now
from kernel.errors import Invalid, NotFound, TransitionRefused
from kernel.ids import new_id
from kernel.money import Money
from kernel.periods import local_moment
from payments.commands import collect
from payments.commands.claim_attempts import claim_attempts
from payments.models import PaymentAttempt
from subscriptions import queries
from subscriptions.commands import drive, runs
from subscriptions.commands.renew import DUE_KIND
from subscriptions.models import BillingPeriod, Subscription
from tests.factories import (
    give_card,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)
from tests.witness import at_once, nothing_changes, papers, refused


def due_account(*handles, clock="2026-02-01", ill=()):
    """Of the subscriptions `ill`, the next invoice is more than an amount can hold."""
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, *handles, *ill)
        make_plan(account)
        make_subscriptions(account, *handles)
        make_subscriptions(account, *ill, price=Money(2**63 - 1, "EUR"), price_incl_vat=False)
    set_clock(account_id, clock)
    return account_id


def joined(account_id):
    with tenant(account_id) as account:
        return runs.open_or_join(account=account, now=business_now(account))


def act(account_id, verb, **rest):
    with tenant(account_id) as account:
        verb(account=account, actor="anna", now=business_now(account), **rest)


def the_run(account_id):
    with tenant(account_id) as account:
        return queries.runs(account, 10)[0]


def test_where_nothing_is_due_there_is_no_run():
    account_id = due_account("one", clock="2026-01-31")

    with nothing_changes(account_id):
        assert joined(account_id) is None
    assert drive.bill(account_id, batches=5) == drive.Progress(None, 0, 0, 0, is_done=True)


def test_a_run_covers_what_is_due_when_it_opens():
    account_id = due_account("one")

    run = joined(account_id)

    moment = local_moment("2026-02-01", "Europe/Berlin").instant
    assert (run.state, run.due_by, run.started_at) == ("billing", moment, moment)


def test_a_run_is_joined_and_not_doubled_by_those_who_come_at_once():
    account_id = due_account("one")

    outcomes = at_once(*(lambda: joined(account_id) for _ in range(6)))

    assert len({each.id for each in outcomes}) == 1
    with tenant(account_id) as account:
        assert len(queries.runs(account, 10)) == 1


def test_a_run_that_is_joined_later_covers_what_fell_due_since():
    account_id = due_account("one")
    first = joined(account_id)
    set_clock(account_id, "2026-03-01")

    later = joined(account_id)

    assert later.id == first.id
    assert later.due_by == local_moment("2026-03-01", "Europe/Berlin").instant


def test_a_collecting_run_goes_back_to_billing_for_what_fell_due_since():
    account_id = due_account("one")
    drive.bill(account_id, batches=5)
    assert the_run(account_id).state == "collecting"
    set_clock(account_id, "2026-03-01")

    assert joined(account_id).state == "billing"
    assert drive.bill(account_id, batches=5).renewed == 1
    assert the_run(account_id).state == "collecting"
    with tenant(account_id) as account:
        assert BillingPeriod.objects.of(account).filter(run_id=the_run(account_id).id).count() == 2


def test_a_paused_run_begins_no_further_batch_until_it_is_resumed(monkeypatch):
    monkeypatch.setattr(drive, "BATCH", 1)
    account_id = due_account("one", "two", "three")
    assert drive.bill(account_id, batches=1).renewed == 1

    act(account_id, runs.pause, reason="a wrong price")

    with nothing_changes(account_id):
        assert drive.bill(account_id, batches=5) == drive.Progress(
            the_run(account_id).id, 0, 0, 0, is_done=False
        )
    assert (the_run(account_id).state, the_run(account_id).pause_reason) == (
        "paused",
        "a wrong price",
    )
    act(account_id, runs.resume)
    progress = drive.bill(account_id, batches=5)
    assert (progress.renewed, progress.is_done) == (2, True)
    assert the_run(account_id).pause_reason == ""
    with tenant(account_id) as account:
        acts = (
            AuditRow.objects.of(account).filter(act__startswith="billing_run").order_by("at", "id")
        )
        assert list(acts.values_list("act", "actor")) == [
            ("billing_run.paused", "anna"),
            ("billing_run.resumed", "anna"),
        ]


def test_what_the_run_is_not_fit_for_is_refused():
    account_id = due_account("one")
    with refused(account_id, NotFound, "open_billing_run_not_found"):
        act(account_id, runs.pause, reason="none is open")
    joined(account_id)
    with refused(account_id, TransitionRefused, "transition_refused"):
        act(account_id, runs.resume)
    with refused(account_id, Invalid, "invalid_text"):
        act(account_id, runs.pause, reason="a\x00b")
    with refused(account_id, Invalid, "text_too_long"):
        act(account_id, runs.pause, reason="r" * 256)
    act(account_id, runs.pause, reason="")
    with refused(account_id, TransitionRefused, "transition_refused"):
        act(account_id, runs.pause, reason="again")


def test_what_cannot_be_billed_is_parked_alone_and_the_others_are_billed():
    account_id = due_account("one", "two", "three", ill=["ill"])

    progress = drive.bill(account_id, batches=5)

    assert (progress.renewed, progress.parked, progress.is_done) == (3, 1, True)
    assert sorted(each.handle for each in papers(account_id)) == [
        "inv-1-one",
        "inv-1-three",
        "inv-1-two",
    ]
    with tenant(account_id) as account:
        parked = Parked.objects.of(account).get()
        broken = queries.by_handle(account, "ill").id
        assert (parked.kind, parked.subject_id, parked.code) == ("renewal", broken, "invalid_draft")
        assert "more than an amount can hold" in parked.sentence


def test_what_is_parked_is_not_tried_again_until_a_person_releases_it_and_then_catches_up_once():
    account_id = due_account("one", ill=["ill"])
    drive.bill(account_id, batches=5)
    set_clock(account_id, "2026-03-15")
    assert drive.bill(account_id, batches=5).renewed == 1

    with tenant(account_id) as account:
        broken = queries.by_handle(account, "ill").id
        mended = Subscription.objects.of(account).filter(id=broken)
        mended.update(price_minor=500, price_incl_vat=True)
    drive.release(account_id, broken, by="anna")

    assert drive.bill(account_id, batches=5).renewed == 2
    assert drive.bill(account_id, batches=5).renewed == 0
    assert [each.handle for each in papers(account_id) if each.gross == 500] == [
        "inv-1-ill",
        "inv-2-ill",
    ]


def test_releasing_what_is_not_parked_is_refused():
    account_id = due_account("one")

    with refused(account_id, NotFound, "parked_item_not_found"):
        drive.release(account_id, new_id(), by="anna")


@pytest.mark.parametrize(("broken", "state"), [(5, "collecting"), (6, "paused")])
def test_more_than_five_parked_and_more_than_two_in_a_hundred_pause_the_run(broken, state):
    account_id = due_account("one", "two", ill=[f"ill{n}" for n in range(broken)])

    progress = drive.bill(account_id, batches=5)

    assert progress.parked == broken
    assert the_run(account_id).state == state
    if state == "paused":
        assert the_run(account_id).pause_reason == "6 of 8 subjects were parked"


def test_six_parked_of_three_hundred_do_not_pause_the_run():
    account_id = due_account("one")
    with tenant(account_id) as account:
        run = runs.open_or_join(account=account, now=business_now(account))
        assert run is not None
        for _ in range(6):
            jobs.park(
                account=account,
                kind=queries.PARK_KIND,
                subject_id=new_id(),
                failure=jobs.Failure("c", "s"),
                now=business_now(account),
            )

    def is_paused(billed, monkeypatch):
        monkeypatch.setattr(queries, "billed_count", lambda *_: billed)
        with tenant(account_id) as account:
            return runs.pause_if_too_many_parked(
                account=account, run_id=run.id, now=business_now(account)
            )

    with pytest.MonkeyPatch.context() as patch:
        assert not is_paused(294, patch)
        assert is_paused(293, patch)


def test_a_run_closes_only_when_all_was_asked_for_and_nothing_is_on_its_way(acquirer):
    account_id = due_account("one")
    with tenant(account_id) as account:
        (customer_id,) = Subscription.objects.of(account).values_list("customer_id", flat=True)
    give_card(account_id, customer_id)
    drive.bill(account_id, batches=5)

    assert not drive.finish(account_id), "the issued invoice has not been heard of"
    outbox.drain(account_id, limit=10)
    assert not drive.finish(account_id), "the attempt is requested"
    with tenant(account_id) as account:
        lease = wall_now() - wall_now()
        claim_attempts(account=account, limit=10, owner="me", now=wall_now(), lease=lease)
    assert not drive.finish(account_id), "the attempt is in flight"
    collect.look_up(account_id, limit=10)

    assert drive.finish(account_id), "its outcome is unknown, which the sheet shows"
    run = the_run(account_id)
    assert run.sheet["is_even"]
    assert run.sheet["currencies"]["EUR"] == {
        "claims": 1,
        "lines": 1990,
        "documents": 1990,
        "ledger": 1990,
        "settled": 0,
        "in_flight": 1990,
        "open": 0,
        "difference": 0,
    }
    assert (run.state, run.closed_at) == ("closed", run.due_by)


def test_a_run_that_was_closed_is_run_again_without_a_thing_to_do():
    account_id = due_account("one")
    drive.bill(account_id, batches=5)
    outbox.drain(account_id, limit=10)
    assert drive.finish(account_id)

    with nothing_changes(account_id):
        assert drive.bill(account_id, batches=5).run_id is None
        assert drive.finish(account_id)


def test_a_new_run_bills_the_next_month_on_a_sheet_of_its_own():
    account_id = due_account("one")
    for month in ("2026-02-01", "2026-03-01"):
        set_clock(account_id, month)
        drive.bill(account_id, batches=5)
        outbox.drain(account_id, limit=10)
        assert drive.finish(account_id)

    with tenant(account_id) as account:
        sheets = [(each.sheet or {})["currencies"]["EUR"] for each in queries.runs(account, 10)]
    assert [(each["claims"], each["open"]) for each in sheets] == [(1, 1990), (1, 1990)]


def test_a_cent_that_went_missing_from_a_claim_shows_on_the_sheet_by_name(owner):
    account_id = due_account("one", "two")
    drive.bill(account_id, batches=5)
    outbox.drain(account_id, limit=10)
    owner.execute("SET session_replication_role = replica")
    owner.execute(
        "UPDATE invoicing_invoice SET gross_minor = 1989 WHERE account_id = %s AND handle = %s",
        [account_id, "inv-1-two"],
    )

    drive.finish(account_id)

    sheet = the_run(account_id).sheet
    assert not sheet["is_even"]
    assert sheet["currencies"]["EUR"]["difference"] == 1
    assert sheet["disagreements"] == [
        "inv-1-two: stated amounts differ: lines 1990, document 1990, ledger 1990, claim 1989"
    ]


def test_the_due_list_says_when_there_is_work_again():
    account_id = due_account("one")

    drive.bill(account_id, batches=5)

    with tenant(account_id):
        at = due.next_at(account_id, [DUE_KIND])
    assert at == local_moment("2026-03-01", "Europe/Berlin").instant


def test_working_off_the_due_list_leaves_no_line_behind_but_the_next():
    account_id = due_account("one", "two")
    drive.bill(account_id, batches=5)

    drive.bill(account_id, batches=5)

    lines = DueItem.objects.filter(account_id=account_id, kind=DUE_KIND)
    assert {each.due_at for each in lines} == {local_moment("2026-03-01", "Europe/Berlin").instant}


def test_a_run_bills_no_other_account():
    account_id, other = due_account("one"), due_account("one")

    with nothing_changes(other):
        drive.bill(account_id, batches=5)


def test_a_claim_of_nothing_needs_no_attempt_and_closes_settled():
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account, price=0)
        make_subscriptions(account, "one")
    set_clock(account_id, "2026-02-01")
    drive.bill(account_id, batches=5)
    outbox.drain(account_id, limit=10)

    assert drive.finish(account_id)
    with tenant(account_id) as account:
        assert Invoice.objects.of(account).get().state == "settled"
        assert not PaymentAttempt.objects.of(account).exists()
    assert the_run(account_id).sheet["is_even"]
