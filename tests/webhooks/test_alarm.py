"""A merchant whose endpoint fails is told once, until it takes something again."""

from datetime import timedelta

import pytest

from foundation import outbox
from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from kernel.clock import wall_now
from messaging.commands.open_mail import open_mail
from messaging.models import Mail
from tests.dashboard.browser import path
from tests.webhooks.steps import let_pass, rows, say, told_account
from webhooks import queries
from webhooks.commands.deliver import deliver
from webhooks.domain.timetable import gap


def alarms(account_id):
    with tenant(account_id) as account:
        found = OutboxEvent.objects.of(account).filter(kind="webhook.failing")
        return list(found.order_by("created_at").values_list("payload", flat=True))


def fail_times(account_id, times, first=1):
    for tries in range(first, first + times):
        deliver(account_id)
        let_pass(account_id, gap(tries))


def test_the_alarm_rings_after_as_many_calls_as_the_merchant_chose_and_once(sink):
    sink.answer = 500
    account_id = told_account(sink.url, alert_count=5)
    say(account_id, "one")

    fail_times(account_id, 4)
    assert alarms(account_id) == []
    fail_times(account_id, 1, first=5)

    (row,) = rows(account_id)
    (said,) = alarms(account_id)
    assert said == {"endpoint_id": row.endpoint_id.hex, "delivery_id": row.id.hex, "count": 5}
    assert row.alert_sent_at is not None
    fail_times(account_id, 3, first=6)
    assert len(alarms(account_id)) == 1


def test_after_something_was_taken_the_alarm_can_ring_again(sink):
    sink.answer = 500
    account_id = told_account(sink.url)
    say(account_id, "one")
    fail_times(account_id, 4)
    sink.answer = 200
    deliver(account_id)
    with tenant(account_id) as account:
        (well,) = queries.endpoint_facts(account)
    sink.answer = 500
    say(account_id, "two")

    fail_times(account_id, 4)

    assert (well.failures, well.failing_since, well.alert_sent_at) == (0, None, None)
    assert len(alarms(account_id)) == 2


def test_an_endpoint_that_takes_nothing_for_as_long_rings_though_no_webhook_was_tried_so_often(
    sink,
):
    sink.answer = 500
    account_id = told_account(sink.url)
    say(account_id, "one")
    deliver(account_id)
    let_pass(account_id, timedelta(minutes=33))
    say(account_id, "two")
    assert alarms(account_id) == []

    deliver(account_id)

    assert len(alarms(account_id)) == 1


def mails(account_id):
    with tenant(account_id) as account:
        return list(Mail.objects.of(account).order_by("recipient"))


@pytest.mark.feature("F190")
def test_those_whom_the_merchant_named_are_written_to_after_so_many_failures(sink):
    sink.answer = 500
    account_id = told_account(sink.url, alert_count=5, alert_emails=("b@shop.example", "a@shop.de"))
    say(account_id, "one")

    fail_times(account_id, 4)
    outbox.drain(account_id, limit=10)
    assert mails(account_id) == []
    fail_times(account_id, 4, first=5)
    outbox.drain(account_id, limit=10)

    found = mails(account_id)
    assert [each.recipient for each in found] == ["a@shop.de", "b@shop.example"]
    assert {each.subject for each in found} == {f"[TEST] Webhooks an {sink.url} kommen nicht an"}


def test_an_alarm_leads_to_the_page_that_shows_what_came_back(sink):
    sink.answer = 500
    account_id = told_account(sink.url, alert_emails=("a@shop.de",))
    say(account_id, "one")
    fail_times(account_id, 4)
    outbox.drain(account_id, limit=10)
    (mail,) = mails(account_id)

    letter = open_mail(account_id, mail.id, now=wall_now())

    assert path(account_id, "webhooks") in letter.text
    assert path(account_id, "webhooks") in letter.html
    assert letter.parts == ()
    assert open_mail(account_id, mail.id, now=wall_now()) == letter


def test_nobody_is_written_to_where_nobody_was_named(sink):
    sink.answer = 500
    account_id = told_account(sink.url)
    say(account_id, "one")

    fail_times(account_id, 4)
    outbox.drain(account_id, limit=10)

    assert (len(alarms(account_id)), mails(account_id)) == (1, [])
