"""Settings: what is told, where to, under which secret, and what a change does to what waits."""

import pytest
from django.db import connection

from foundation.models import AuditRow
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import Invalid
from tests.factories import make_account
from tests.webhooks.sink import Sink, is_authentic
from tests.webhooks.steps import let_pass, rows, say, set_urls, states, told_account
from webhooks import queries
from webhooks.commands.change_settings import change_settings, new_secret
from webhooks.commands.deliver import deliver
from webhooks.domain.settings import NewSettings
from webhooks.domain.timetable import gap
from webhooks.models import Settings

HERE = "https://example.org/hook"


def settings_of(account_id):
    with tenant(account_id) as account:
        return queries.settings_of(account)


def acts_of(account_id):
    with tenant(account_id) as account:
        found = AuditRow.objects.of(account).filter(subject_kind="webhook_settings")
        return list(found.order_by("at", "id").values_list("act", "details"))


def test_an_account_that_never_changed_any_has_a_secret_and_nothing_else():
    account_id = make_account()

    found = settings_of(account_id)

    assert (found.urls, found.is_disabled, found.alert_count) == ((), False, 4)
    assert (found.username, found.password, found.alert_emails, found.event_types) == (
        "",
        "",
        (),
        (),
    )
    assert found.secret.startswith("whsec_")
    assert found.secret == settings_of(account_id).secret
    with tenant(account_id) as account:
        assert not Settings.objects.of(account).exists(), "looking writes nothing"


def test_no_two_accounts_have_the_same_secret():
    assert settings_of(make_account()).secret != settings_of(make_account()).secret


def test_settings_are_put_in_place_as_a_whole_and_read_back():
    account_id = make_account()
    new = NewSettings(
        urls=(HERE, "http://example.com/b"),
        username="shop",
        password="geheim",
        alert_emails=("a@example.org",),
        alert_count=7,
        event_types=("invoice_created", "invoice_settled"),
    )
    with tenant(account_id) as account:
        change_settings(account=account, new=new, actor="test", now=wall_now())

    found = settings_of(account_id)
    assert found.urls == (HERE, "http://example.com/b")
    assert (found.username, found.password) == ("shop", "geheim")
    assert (found.alert_emails, found.alert_count) == (("a@example.org",), 7)
    assert found.event_types == ("invoice_created", "invoice_settled")


def test_addresses_keep_their_order_and_come_once():
    account_id = told_account("https://b.org/", HERE, "https://b.org/")
    assert settings_of(account_id).urls == ("https://b.org/", HERE)

    set_urls(account_id, HERE, "https://c.org/", "https://b.org/")
    assert settings_of(account_id).urls == (HERE, "https://c.org/", "https://b.org/")


def test_the_same_again_changes_nothing_and_is_not_in_the_audit_trail():
    account_id = told_account(HERE)
    set_urls(account_id, HERE)

    assert acts_of(account_id) == [("webhook_settings.changed", {"fields": ["urls"]})]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://2130706433/",
        "http://127.1/",
        "https://example.org:22/",
        "https://example.org:8443/",
        "http://example.org:5432/",
    ],
)
def test_addresses_that_are_not_for_strangers_are_refused_and_nothing_changes(url, settings):
    settings.EGRESS_ALLOWED = frozenset()
    account_id = make_account()

    with pytest.raises(Invalid) as refusal:
        set_urls(account_id, HERE, url)

    assert (refusal.value.code, refusal.value.field) == ("webhook_url_refused", "urls")
    assert settings_of(account_id).urls == ()


def test_a_host_on_the_development_list_may_be_private_and_on_any_port(settings):
    settings.EGRESS_ALLOWED = frozenset({"10.0.0.1"})

    assert settings_of(told_account("http://10.0.0.1:8080/")).urls == ("http://10.0.0.1:8080/",)


def test_while_disabled_nothing_is_made_and_what_waits_is_disabled(sink):
    account_id = told_account(sink.url)
    say(account_id, "one")
    set_urls(account_id, sink.url, is_disabled=True)
    say(account_id, "two")

    assert deliver(account_id) == 0
    assert states(account_id) == ["disabled"]


def test_what_waits_for_an_address_that_is_taken_away_is_disabled_and_the_rest_goes_on(sink):
    other = Sink()
    account_id = told_account(sink.url, other.url)
    say(account_id, "one")
    set_urls(account_id, other.url)

    deliver(account_id)

    other.close()
    assert sink.heard == []
    assert other.types() == ["customer_created"]
    assert sorted(states(account_id)) == ["completed", "disabled"]


def test_an_address_can_be_taken_away_while_it_is_called_and_the_others_are_told(sink):
    other = Sink()
    account_id = told_account(sink.url, other.url)
    say(account_id, "one")

    def taken_away(_):
        set_urls(account_id, other.url)
        connection.close()
        return 500

    sink.answer = taken_away
    deliver(account_id)

    other.close()
    assert other.types() == ["customer_created"]
    by_url = {row.endpoint.url: row.state for row in rows(account_id)}
    assert by_url == {sink.url: "disabled", other.url: "completed"}


def test_a_new_secret_signs_all_that_is_told_from_now_on(sink):
    account_id = told_account(sink.url)
    old = settings_of(account_id).secret
    with tenant(account_id) as account:
        secret = new_secret(account=account, actor="test", now=wall_now())
    say(account_id, "one")

    deliver(account_id)

    assert settings_of(account_id).secret == secret != old
    assert is_authentic(sink.told[0], secret)
    assert not is_authentic(sink.told[0], old)
    assert acts_of(account_id)[-1] == ("webhook_settings.secret_changed", {})


def test_what_is_being_retried_is_signed_with_the_new_secret_too(sink):
    sink.answer = 401
    account_id = told_account(sink.url)
    say(account_id, "one")
    deliver(account_id)
    with tenant(account_id) as account:
        secret = new_secret(account=account, actor="test", now=wall_now())
    sink.answer = 200

    let_pass(account_id, gap(1))
    deliver(account_id)

    first, second = sink.told
    assert is_authentic(second, secret)
    assert {**first, "signature": ""} == {**second, "signature": ""}
    assert sink.heard[1].body == rows(account_id)[0].content.encode()


def test_what_was_completed_keeps_the_bytes_that_were_sent(sink):
    account_id = told_account(sink.url)
    say(account_id, "one")
    deliver(account_id)
    with tenant(account_id) as account:
        new_secret(account=account, actor="test", now=wall_now())

    assert rows(account_id)[0].content.encode() == sink.heard[0].body


def test_the_secret_is_nowhere_in_the_database(owner):
    account_id = told_account(HERE)
    secret = settings_of(account_id).secret

    found = owner.execute(
        "SELECT to_jsonb(s)::text FROM webhooks_settings AS s WHERE account_id = %s", [account_id]
    ).fetchall()
    assert len(found) == 1
    assert secret.removeprefix("whsec_") not in found[0][0]
