"""A person sends webhooks again, elsewhere, or not at all."""

import pytest

from foundation.models import AuditRow
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import Invalid, NotFound
from kernel.ids import new_id
from tests.webhooks.sink import Sink, is_authentic
from tests.webhooks.steps import change, rows, say, states, told_account
from webhooks import queries
from webhooks.commands.change_settings import new_secret
from webhooks.commands.deliver import deliver
from webhooks.commands.resend import Target, disable, resend, update


@pytest.fixture
def other():
    listener = Sink()
    yield listener
    listener.close()


def again(account_id, *ids, act=resend, **rest):
    with tenant(account_id) as account:
        return act(account=account, ids=list(ids), actor="test", now=wall_now(), **rest)


@pytest.mark.feature("F191")
def test_what_was_completed_becomes_pending_and_is_completed_again_byte_for_byte(sink):
    account_id = told_account(sink.url)
    say(account_id, "one")
    deliver(account_id)
    (row,) = rows(account_id)

    assert again(account_id, row.id) == [row.id]
    assert states(account_id) == ["pending"]
    deliver(account_id)

    first, second = sink.heard
    assert first.body == second.body
    (row,) = rows(account_id)
    assert (row.state, row.count) == ("completed", 2)


def test_an_events_id_stands_for_all_of_its_webhooks(sink, other):
    account_id = told_account(sink.url, other.url)
    say(account_id, "one")
    deliver(account_id)
    both = rows(account_id)

    assert set(again(account_id, both[0].event_id)) == {each.id for each in both}
    deliver(account_id)

    assert (len(sink.heard), len(other.heard)) == (2, 2)


def test_what_was_given_up_begins_its_timetable_anew(sink):
    sink.answer = 500
    account_id = told_account(sink.url)
    say(account_id, "one")
    deliver(account_id)
    again(account_id, rows(account_id)[0].id)
    deliver(account_id)

    (row,) = rows(account_id)
    assert (row.state, row.count, row.tries) == ("retrying", 2, 1)


def test_sending_again_signs_with_the_secret_of_the_day(sink):
    account_id = told_account(sink.url)
    say(account_id, "one")
    deliver(account_id)
    with tenant(account_id) as account:
        secret = new_secret(account=account, actor="test", now=wall_now())
    again(account_id, rows(account_id)[0].id)
    deliver(account_id)

    assert is_authentic(sink.told[1], secret)
    assert {**sink.told[0], "signature": ""} == {**sink.told[1], "signature": ""}


@pytest.mark.feature("F191")
def test_an_updated_webhook_goes_to_its_new_address_and_the_settings_stay(sink, other):
    sink.answer = 500
    account_id = told_account(sink.url, username="shop", password="geheim")
    say(account_id, "one")
    deliver(account_id)
    target = Target(other.url, username="ann", password="else")

    again(account_id, rows(account_id)[0].id, act=update, target=target)
    deliver(account_id)

    assert (len(sink.heard), len(other.heard)) == (1, 1)
    assert other.heard[0].body == sink.heard[0].body
    assert other.heard[0].headers["Authorization"] == "Basic YW5uOmVsc2U="
    with tenant(account_id) as account:
        assert queries.settings_of(account).urls == (sink.url,)
        (fact,) = queries.delivery_facts(account, [rows(account_id)[0].id])
    assert (fact.url, fact.username, fact.password) == (other.url, "ann", "else")


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://10.0.0.1/", "http://e.org:22/"])
def test_an_update_to_an_address_that_may_not_be_called_is_refused(sink, settings, url):
    account_id = told_account(sink.url)
    say(account_id, "one")
    settings.EGRESS_ALLOWED = frozenset()

    with pytest.raises(Invalid) as refusal:
        again(account_id, rows(account_id)[0].id, act=update, target=Target(url))
    assert (refusal.value.code, refusal.value.field) == ("webhook_url_refused", "url")


def test_a_disabled_webhook_is_not_sent_and_what_waited_behind_it_is(sink):
    sink.answer = 500
    account_id = told_account(sink.url)
    say(account_id, "one")
    change(account_id, "one")
    deliver(account_id)
    sink.answer = 200

    again(account_id, rows(account_id)[0].id, act=disable)
    deliver(account_id)

    assert states(account_id) == ["disabled", "completed"]
    assert sink.types() == ["customer_created", "customer_changed"]


def test_disabling_what_has_ended_leaves_it_as_it_ended(sink):
    account_id = told_account(sink.url)
    say(account_id, "one")
    deliver(account_id)

    again(account_id, rows(account_id)[0].id, act=disable)

    assert states(account_id) == ["completed"]


@pytest.mark.parametrize("act", [resend, disable])
@pytest.mark.parametrize("count", [0, 101])
def test_one_to_a_hundred_ids_are_taken(sink, act, count):
    account_id = told_account(sink.url)

    with pytest.raises(Invalid) as refusal:
        again(account_id, *(new_id() for _ in range(count)), act=act)
    assert refusal.value.code == "wrong_webhook_count"


def test_one_unknown_id_and_nothing_happens(sink):
    account_id = told_account(sink.url)
    say(account_id, "one")
    deliver(account_id)

    with pytest.raises(NotFound) as refusal:
        again(account_id, rows(account_id)[0].id, new_id())
    assert refusal.value.code == "webhook_not_found"
    assert states(account_id) == ["completed"]


def test_another_accounts_webhook_is_like_an_unknown_one(sink):
    theirs, mine = told_account(sink.url), told_account(sink.url)
    say(theirs, "one")
    foreign, foreign_event = rows(theirs)[0].id, rows(theirs)[0].event_id

    with pytest.raises(NotFound) as refusal:
        again(mine, foreign)
    assert str(refusal.value) == f'There is no webhook "{foreign.hex}".'
    with tenant(mine) as account:
        for question in (queries.deliveries, queries.attempts_of):
            with pytest.raises(NotFound):
                question(account, foreign)
        with pytest.raises(NotFound):
            queries.event(account, foreign_event)


def test_who_sent_what_again_is_in_the_audit_trail(sink):
    account_id = told_account(sink.url)
    say(account_id, "one")
    row = rows(account_id)[0]
    again(account_id, row.id)
    again(account_id, row.id, act=disable)

    with tenant(account_id) as account:
        found = AuditRow.objects.of(account).filter(subject_kind="webhook")
        told = list(found.order_by("at", "id").values_list("actor", "act", "subject_id"))
    assert told == [("test", "webhook.resent", row.id), ("test", "webhook.disabled", row.id)]
