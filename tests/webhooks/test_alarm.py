"""A merchant whose endpoint fails is told once, until it takes something again."""

from datetime import timedelta

from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from tests.webhooks.steps import fail_times, let_pass, rows, say, told_account
from webhooks import queries
from webhooks.commands.deliver import deliver


def alarms(account_id):
    with tenant(account_id) as account:
        found = OutboxEvent.objects.of(account).filter(kind="webhook.failing")
        return list(found.order_by("created_at").values_list("payload", flat=True))


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
