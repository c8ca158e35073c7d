"""Collecting over a real acquirer: whatever becomes of the answer, each claim is drawn once."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F

from customers.queries import by_handle
from foundation import faultpoint
from foundation.models import DueItem, Parked
from foundation.tenancy import tenant
from invoicing.models import Invoice
from kernel.clock import wall_now
from ledger.queries import balances
from payments import queries
from payments.commands import collect
from payments.commands.claim_attempts import LOOK_UP_KIND, claim_attempts
from payments.commands.record_attempts import record_attempts
from payments.commands.request_attempts import DUE_KIND, request_attempts
from payments.gateways.port import unknown
from payments.models import PaymentAttempt
from tests.factories import NOON, card_token, give_card, make_account, make_customers
from tests.invoicing.drafts import issue_one, line
from tests.witness import at_once, nothing_changes

INTERVAL = timedelta(seconds=settings.LOOK_UP_AFTER_SECONDS)


@pytest.fixture
def wall(monkeypatch):
    """The wall clock of the driver, moved by hand."""

    class Wall:
        now = wall_now()

        def later(self, by):
            self.now += by

    clock = Wall()
    monkeypatch.setattr(collect, "wall_now", lambda: clock.now)
    return clock


def requested(*cvvs, amount=1190):
    """An account with a requested attempt on a card of each behaviour; their keys in order."""
    account_id = make_account()
    keys = []
    for number, cvv in enumerate(cvvs):
        handle = f"c{number}"
        with tenant(account_id) as account:
            make_customers(account, handle)
            customer_id = by_handle(account, handle).id
        give_card(account_id, customer_id, token=card_token(cvv))
        with tenant(account_id) as account:
            invoice_id = issue_one(account, f"inv-{number}", line(amount), customer=handle)
            keys += request_attempts(account=account, invoice_ids=[invoice_id], now=NOON)
    return account_id, keys


def states(account_id):
    with tenant(account_id) as account:
        attempts = PaymentAttempt.objects.of(account).order_by("id")
        return list(attempts.values_list("state", flat=True))


def drawn(account_id):
    with tenant(account_id) as account:
        return balances(account).get(("acquirer", "EUR"), 0)


def captures(acquirer, key):
    charge = acquirer.charges().get(str(key))
    return charge["captures"] if charge else 0


def test_each_card_does_what_its_code_says_and_only_successes_are_booked(acquirer):
    account_id, keys = requested("123", "102", "101", "403")

    assert collect.collect(account_id, batches=5) == 4

    assert states(account_id) == ["succeeded", "soft_declined", "hard_declined", "succeeded"]
    assert drawn(account_id) == 2380
    assert [captures(acquirer, key) for key in keys] == [1, 0, 0, 1]
    with tenant(account_id) as account:
        claims = Invoice.objects.of(account).order_by("handle")
        assert list(claims.values_list("state", flat=True)) == [
            "settled",
            "pending",
            "pending",
            "settled",
        ]


def test_collecting_again_sends_nothing_and_clears_the_due_list(acquirer):
    account_id, _ = requested("123")
    collect.collect(account_id, batches=5)

    with nothing_changes(account_id):
        assert collect.collect(account_id, batches=5) == 0
    assert not DueItem.objects.filter(account_id=account_id, kind=DUE_KIND).exists()


def test_drivers_at_once_capture_each_claim_once(acquirer):
    account_id, keys = requested(*["123"] * 12)

    outcomes = at_once(*(lambda: collect.collect(account_id, batches=5) for _ in range(4)))

    assert sum(outcomes) == 12
    assert drawn(account_id) == 12 * 1190
    booked = acquirer.charges()
    assert [booked[str(key)]["captures"] for key in keys] == [1] * 12


def test_what_was_executed_and_never_answered_is_found_and_captured_once(acquirer, wall):
    """F13."""
    account_id, (key,) = requested("400")

    collect.collect(account_id, batches=5)
    assert states(account_id) == ["unknown"]
    assert drawn(account_id) == 0
    assert collect.look_up(account_id, limit=10) == 0, "not before the interval is over"

    wall.later(INTERVAL)
    assert collect.look_up(account_id, limit=10) == 1

    assert states(account_id) == ["succeeded"]
    assert drawn(account_id) == 1190
    assert captures(acquirer, key) == 1
    assert collect.collect(account_id, batches=5) == 0


def test_what_was_never_executed_is_sent_again_under_its_key_and_captured_once(acquirer, wall):
    """F14: not found twice, the interval between, and then the same key again."""
    account_id, (key,) = requested("401")
    collect.collect(account_id, batches=5)
    assert captures(acquirer, key) == 0

    wall.later(INTERVAL)
    collect.look_up(account_id, limit=10)
    assert states(account_id) == ["unknown"], "not found once is not enough"
    assert collect.collect(account_id, batches=5) == 0
    wall.later(INTERVAL - timedelta(seconds=1))
    assert collect.look_up(account_id, limit=10) == 0
    wall.later(timedelta(seconds=1))
    collect.look_up(account_id, limit=10)
    assert states(account_id) == ["requested"]

    assert collect.collect(account_id, batches=5) == 1
    assert states(account_id) == ["succeeded"]
    assert captures(acquirer, key) == 1
    assert drawn(account_id) == 1190
    with tenant(account_id) as account:
        assert PaymentAttempt.objects.of(account).get().id == key


def test_once_is_not_enough_even_where_the_interval_is_nothing(acquirer):
    account_id, _ = requested("123")
    now = collect.Patience(timedelta(seconds=1), timedelta(0), None)
    faultpoint.arm("payments.claimed:1:raise")
    try:
        with pytest.raises(faultpoint.InjectedFault):
            collect.collect(account_id, batches=1)
    finally:
        faultpoint.arm("")
    with tenant(account_id) as account:
        attempts = PaymentAttempt.objects.of(account)
        attempts.update(lease_until=F("lease_until") - timedelta(hours=1))

    collect.look_up(account_id, limit=10, patience=now)

    assert states(account_id) == ["unknown"]


@pytest.mark.parametrize(("point", "executed"), [("payments.claimed", 0), ("payments.called", 1)])
def test_a_sender_that_dies_is_followed_up_when_its_lease_ends(acquirer, wall, point, executed):
    """F16: killed before the call, or between the call and the saving of its answer."""
    account_id, (key,) = requested("123")
    faultpoint.arm(f"{point}:1:raise")
    try:
        with pytest.raises(faultpoint.InjectedFault):
            collect.collect(account_id, batches=1)
    finally:
        faultpoint.arm("")
    assert states(account_id) == ["in_flight"]
    assert captures(acquirer, key) == executed
    assert collect.look_up(account_id, limit=10) == 0, "its lease still runs"

    wall.later(timedelta(seconds=settings.ATTEMPT_LEASE_SECONDS))
    for _ in range(2):
        collect.look_up(account_id, limit=10)
        wall.later(INTERVAL)
    collect.collect(account_id, batches=1)

    assert states(account_id) == ["succeeded"]
    assert captures(acquirer, key) == 1
    assert drawn(account_id) == 1190


def test_a_charge_that_is_processing_is_asked_about_until_it_has_ended(acquirer, wall):
    account_id, (key,) = requested("402")
    collect.collect(account_id, batches=5)
    assert states(account_id) == ["unknown"]

    wall.later(INTERVAL)
    for _ in range(100):
        collect.look_up(account_id, limit=10)
        if states(account_id) == ["succeeded"]:
            break
        wall.later(INTERVAL)

    assert states(account_id) == ["succeeded"]
    assert captures(acquirer, key) == 1


@pytest.fixture
def nobody(monkeypatch):
    """An acquirer's address at which nobody answers."""
    monkeypatch.setattr(settings, "ACQUIRER_URL", "http://127.0.0.1:9")
    collect.gateway_of.cache_clear()
    yield
    collect.gateway_of.cache_clear()


def test_silence_is_no_answer_and_sends_nothing_again(acquirer, wall, request):
    account_id, _ = requested("123")
    request.getfixturevalue("nobody")
    collect.collect(account_id, batches=1)
    assert states(account_id) == ["unknown"]

    for _ in range(5):
        wall.later(INTERVAL)
        assert collect.look_up(account_id, limit=10) == 1

    assert states(account_id) == ["unknown"]
    with tenant(account_id) as account:
        assert PaymentAttempt.objects.of(account).get().not_found_since is None
        assert queries.next_question_at(account) == wall.now + INTERVAL
    assert DueItem.objects.filter(account_id=account_id, kind=LOOK_UP_KIND, due_at__gt=wall.now)


def test_an_answer_in_between_starts_the_counting_of_not_found_anew(acquirer, wall):
    account_id, (key,) = requested("401")
    collect.collect(account_id, batches=5)
    wall.later(INTERVAL)
    collect.look_up(account_id, limit=10)
    with tenant(account_id) as account:
        record_attempts(
            account=account,
            outcomes=[unknown(key, "a word")],
            wall=wall.now,
            look_up_after=INTERVAL,
        )

    wall.later(INTERVAL)
    collect.look_up(account_id, limit=10)

    assert states(account_id) == ["unknown"]


def test_a_stale_look_up_does_not_take_an_attempt_from_its_sender(acquirer, wall):
    """Two look-ups at once: the first has it sent again, the second still says 'not found'."""
    account_id, (key,) = requested("401")
    collect.collect(account_id, batches=5)
    for _ in range(2):
        wall.later(INTERVAL)
        collect.look_up(account_id, limit=10)
    with tenant(account_id) as account:
        lease = timedelta(seconds=90)
        claimed = claim_attempts(account=account, limit=9, owner="me", now=wall.now, lease=lease)
    assert [each.id for each in claimed] == [key]

    stale = collect._Found(queries.Question(key, "simulated"), None, is_answered=True)
    with nothing_changes(account_id):
        collect._nothing_found(account_id, stale, wall.now, INTERVAL)


def test_an_outcome_that_cannot_be_recorded_is_not_asked_for_over_and_over(acquirer, wall):
    account_id, (key,) = requested("400")
    collect.collect(account_id, batches=1)
    with tenant(account_id) as account:
        Invoice.objects.of(account).update(state="cancelled")
    wall.later(INTERVAL)

    assert collect.look_up(account_id, limit=10) == 1

    with tenant(account_id) as account:
        assert [each.subject_id for each in Parked.objects.of(account)] == [key]
    wall.later(INTERVAL * 100)
    assert collect.look_up(account_id, limit=10) == 0
    assert drawn(account_id) == 0


@pytest.mark.parametrize("seconds", [1, 10, 30, settings.ATTEMPT_LEASE_SECONDS // 2])
def test_an_owner_who_lives_has_recorded_before_anybody_asks_after_him(seconds):
    size = collect.batch_size(timedelta(seconds=seconds))

    rounds = -(-size // collect.THREADS)
    assert 1 <= size <= collect.BATCH_MAX
    assert rounds * seconds < settings.ATTEMPT_LEASE_SECONDS
