"""Reports of the acquirer, as they come in over HTTP."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from foundation import outbox
from foundation.models import Parked
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.ids import new_id
from ledger.queries import balances
from payments.acquirer.signing import CALLBACK_PURPOSE, Envelope, signed_headers
from payments.commands import collect
from payments.commands.claim_attempts import reference
from payments.queries import attempts_of, unknown_count
from subscriptions import queries
from subscriptions.commands import drive
from tests.factories import card_token, set_clock
from tests.operations.ready import ready_account
from tests.payments.acquirer_process import SECRET

pytestmark = pytest.mark.usefixtures("acquirer")
PATH = "/callbacks/simulated"


@pytest.fixture
def processing():
    """An account with one payment that the acquirer is still at work on."""
    account_id = ready_account("one", card=card_token("402"))
    set_clock(account_id, "2026-02-01")
    drive.bill(account_id, batches=10)
    outbox.drain(account_id, limit=100)
    collect.collect(account_id, batches=1)
    return account_id


def attempt_of(account_id):
    with tenant(account_id) as account:
        run = queries.open_run(account)
        assert run is not None
        invoices = [invoice for _, invoice in queries.invoices_of_run(account, run.id, 0, 10)]
        (attempt,) = attempts_of(account, invoices)
        return attempt


def report(account_id, **differing):
    """What the acquirer says of the account's one payment, except for what differs."""
    attempt = attempt_of(account_id)
    said = {
        "event_id": "evt_1",
        "key": str(attempt.id),
        "reference": reference(account_id, attempt.id),
        "state": "succeeded",
        "error": None,
        "amount_minor": 1990,
        "currency": "EUR",
        "gateway_reference": "sim_1",
        "occurred_at": "2026-02-01T00:00:00+00:00",
    }
    return json.dumps(said | differing).encode()


def post(body, *, secret=SECRET, at=None):
    """The answer's status to a report signed with `secret`."""
    at = int(wall_now().timestamp()) if at is None else at
    headers = signed_headers(secret, Envelope(CALLBACK_PURPOSE, body), at=at)
    return Client().post(PATH, body, content_type="application/json", headers=headers).status_code


def standing(account_id):
    """(state of the payment, taken by the acquirer's ledger account, how many are parked)"""
    with tenant(account_id) as account:
        taken = balances(account).get(("acquirer", "EUR"), 0)
        parked = Parked.objects.of(account).count()
    return attempt_of(account_id).state, taken, parked


def test_a_late_success_settles_the_claim(processing):
    with tenant(processing) as account:
        assert unknown_count(account) == 1

    assert post(report(processing)) == 200

    assert standing(processing) == ("succeeded", 1990, 0)


def test_the_same_report_fifty_times_at_once_has_one_effect(processing):
    body = report(processing)

    def once(_):
        try:
            return post(body)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(once, range(50)))

    assert answers == [200] * 50
    assert standing(processing) == ("succeeded", 1990, 0)


@pytest.mark.parametrize("differing", [{"amount_minor": 1}, {"currency": "USD"}])
def test_another_amount_than_asked_for_parks_the_payment_and_moves_no_money(processing, differing):
    assert post(report(processing, **differing)) == 200

    assert standing(processing) == ("unknown", 0, 1)


def test_a_decline_after_a_success_parks_the_payment_and_takes_nothing_back(processing):
    post(report(processing))

    assert post(report(processing, state="hard_declined", error="declined_by_acquirer")) == 200

    assert standing(processing) == ("succeeded", 1990, 1)


def test_a_forged_signature_is_401_and_has_no_effect(processing):
    assert post(report(processing), secret="guessed") == 401

    assert standing(processing) == ("unknown", 0, 0)


def test_a_report_without_a_signature_is_401(processing):
    answer = Client().post(PATH, report(processing), content_type="application/json")

    assert answer.status_code == 401


def test_a_report_recorded_and_played_again_later_is_401(processing):
    long_ago = int(wall_now().timestamp()) - 301

    assert post(report(processing), at=long_ago) == 401
    assert standing(processing) == ("unknown", 0, 0)


def test_what_the_reference_does_not_name_is_heard_and_left_alone(processing):
    stranger = ready_account("stranger")
    attempt = attempt_of(processing)
    unknown = new_id()

    for differing in (
        {"reference": reference(stranger, attempt.id)},
        {"reference": reference(new_id(), attempt.id)},
        {"reference": reference(processing, unknown), "key": str(unknown)},
        {"reference": reference(processing, attempt.id), "key": str(unknown)},
        {"reference": "of some other program"},
        {"reference": f"{processing}.{attempt.id}"},
    ):
        assert post(report(processing, **differing)) == 200

    assert standing(processing) == ("unknown", 0, 0)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"no json", b"\xff\x00", b'{"state": "paid"}', b"[" * 60_000],
    ids=["empty", "object", "list", "text", "bytes", "state", "deep"],
)
def test_an_authentic_report_that_makes_no_sense_is_heard_and_left_alone(body):
    assert post(body) == 200


def test_more_than_the_acquirer_ever_says_is_refused_unread():
    assert post(b" " * (64 * 1024 + 1)) == 413
    assert post(b" " * (64 * 1024)) == 200


def test_only_post_is_answered():
    assert Client().get(PATH).status_code == 405


def test_a_report_that_cannot_be_stored_parks_the_payment(processing):
    assert post(report(processing, state="soft_declined", error="a\x00b")) == 200

    assert standing(processing) == ("unknown", 0, 1)
