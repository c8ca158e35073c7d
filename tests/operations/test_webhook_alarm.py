"""Those whom a merchant named are written to when an address of theirs keeps failing."""

import psycopg
import pytest

from foundation import outbox
from foundation.tenancy import tenant
from kernel.clock import wall_now
from messaging.commands import deliver as mailing
from messaging.commands.open_mail import open_mail
from messaging.models import Mail
from messaging.transport import registry
from tests.dashboard.browser import path, signed_in_client
from tests.factories import make_account
from tests.messaging.post_office import PostOffice, opened
from tests.webhooks.sink import Sink, is_authentic
from tests.webhooks.steps import fail_times, say, set_urls, told_account
from webhooks import queries
from webhooks.commands.deliver import deliver
from webhooks.models import Endpoint

BOTH = ("b@shop.example", "a@shop.example", "b@shop.example")


@pytest.fixture
def sink(settings):
    """A merchant's server that takes nothing, for now."""
    settings.EGRESS_ALLOWED = frozenset({"127.0.0.1"})
    listener = Sink(500)
    yield listener
    listener.close()


@pytest.fixture
def office(settings):
    """The mail server of live accounts."""
    found = PostOffice()
    controller = opened(found)
    controller.start()
    settings.MAIL_SENDER = "post@kontor.example"
    settings.SMTP_URL = f"smtp+plain://127.0.0.1:{controller.port}"
    yield found
    controller.stop()
    registry._smtp.cache_clear()


def mails(account_id):
    with tenant(account_id) as account:
        return list(Mail.objects.of(account).order_by("recipient"))


def rings(account_id):
    """A webhook fails four times, and the fact is told to its hearers."""
    say(account_id, "one")
    fail_times(account_id, 4)
    outbox.drain(account_id, limit=10)


def failing_since(account_id, at):
    """As if the row of failures had begun then."""
    with tenant(account_id) as account:
        Endpoint.objects.of(account).update(failing_since=at)


def letter(account_id):
    (mail,) = mails(account_id)
    found = open_mail(account_id, mail.id, now=wall_now())
    assert found is not None
    return found


@pytest.mark.feature("F190")
def test_each_call_is_signed_and_after_as_many_failures_as_chosen_each_person_is_told_once(sink):
    account_id = told_account(sink.url, alert_count=5, alert_emails=BOTH)
    say(account_id, "one")

    fail_times(account_id, 4)
    outbox.drain(account_id, limit=10)
    assert mails(account_id) == []
    fail_times(account_id, 1, first=5)
    outbox.drain(account_id, limit=10)
    fail_times(account_id, 3, first=6)
    outbox.drain(account_id, limit=10)

    found = mails(account_id)
    assert [each.recipient for each in found] == ["a@shop.example", "b@shop.example"]
    assert {each.kind for each in found} == {"webhook_alarm"}
    assert {each.customer_id for each in found} == {None}
    with tenant(account_id) as account:
        secret = queries.settings_of(account).secret
    assert [is_authentic(each, secret) for each in sink.told] == [True] * 8
    assert not is_authentic(sink.told[0], "another secret")


def test_a_further_row_of_failures_is_told_again(sink):
    account_id = told_account(sink.url, alert_emails=("a@shop.example",))
    rings(account_id)
    sink.answer = 200
    deliver(account_id)
    sink.answer = 500
    say(account_id, "two")

    fail_times(account_id, 4)
    outbox.drain(account_id, limit=10)

    assert len(mails(account_id)) == 2


GERMAN = """\
TEST: Diese E-Mail kommt aus einem Testkonto. Es ist kein Geld geflossen.

Guten Tag,

Ihr Server nimmt unter dieser Adresse nicht an, was wir ihm melden:
{url}

Fehlschläge seit: 22.11.2026, 00:20 Uhr (Europe/Berlin)
Fehlversuche in Folge: 4
Letzte Antwort: HTTP 500 Internal Server Error

Bitte sorgen Sie dafür, dass Ihr Server erreichbar ist und jeden Aufruf mit einem Status von 200 \
bis 299 beantwortet. Wir versuchen es drei Tage lang weiter; was bis dahin nicht ankam, können Sie \
von Hand erneut senden. Wir schreiben Ihnen erst wieder, nachdem zwischendurch etwas angekommen ist.

Ansehen, was zurückkam: {link}

--
Muster GmbH
Berlin
Deutschland"""

ENGLISH = """\
TEST: This mail comes from a test account. No money has moved.

Hello,

your server has not taken what we tell it at this address:
{url}

Failing since: 22 Nov 2026, 00:20 (Europe/Berlin)
Failed calls in a row: 4
Last answer: HTTP 500 Internal Server Error

Please see to it that your server can be reached and answers each call with a status from 200 to \
299. We go on trying for three days; what did not arrive by then can be sent again by hand. You \
are told once, until something arrives again.

See what came back: {link}

--
Muster GmbH
Berlin
Germany"""


@pytest.mark.parametrize(
    ("language", "text", "subject"),
    [
        ("de", GERMAN, "[TEST] Webhooks an {url} kommen nicht an"),
        ("en", ENGLISH, "[TEST] Webhooks to {url} keep failing"),
    ],
)
def test_an_alarm_says_where_since_when_how_often_and_what_came_back_and_no_secret(
    sink, settings, language, text, subject
):
    settings.PUBLIC_URL = "https://kontor.example/"
    account_id = make_account(language=language, timezone="Europe/Berlin")
    set_urls(
        account_id,
        f"{sink.url}?token=s3cr3t",
        username="shop",
        password="s3cr3t",
        alert_emails=("a@shop.example",),
    )
    say(account_id, "one")
    fail_times(account_id, 4)
    failing_since(account_id, "2026-11-21T23:20:00Z")
    outbox.drain(account_id, limit=10)

    mail = letter(account_id)

    link = f"https://kontor.example{path(account_id, 'webhooks')}"
    said = mail.text.replace("\N{NO-BREAK SPACE}", " ")
    assert said == text.format(url=sink.url, link=link)
    assert dict(mail.headers)["Subject"] == subject.format(url=sink.url)
    assert f'href="{link}"' in mail.html
    assert all(each in mail.html for each in (sink.url, "HTTP 500 Internal Server Error"))
    assert "s3cr3t" not in mail.text + mail.html + str(mail.headers)


def test_an_alarm_of_a_server_that_does_not_answer_says_so(sink):
    account_id = told_account(
        sink.url,
        alert_emails=("a@shop.example",),
    )
    sink.close()

    rings(account_id)

    assert "\nLetzte Antwort: keine\n" in letter(account_id).text


def test_an_address_that_recovered_before_its_alarm_was_heard_is_told_of_nevertheless(sink):
    account_id = told_account(sink.url, alert_emails=("a@shop.example",))
    say(account_id, "one")
    fail_times(account_id, 4)
    sink.answer = 200
    deliver(account_id)

    outbox.drain(account_id, limit=10)

    text = letter(account_id).text
    assert "\nFehlversuche in Folge: 4\n" in text
    assert "\nLetzte Antwort: HTTP 500 Internal Server Error\n" in text


def test_nobody_is_written_to_where_nobody_was_named(sink):
    account_id = told_account(sink.url)

    rings(account_id)

    assert mails(account_id) == []


def test_an_alarm_of_a_test_account_stays_in_the_house(sink, office):
    account_id = told_account(sink.url, alert_emails=("a@shop.example",))

    rings(account_id)
    mailing.deliver(account_id, batches=10)

    assert [each.state for each in mails(account_id)] == ["kept"]
    assert office.letters == []


def test_an_alarm_of_a_live_account_is_sent_and_does_not_wait_for_any_document(sink, office):
    account_id = make_account(is_live=True)
    set_urls(account_id, sink.url, alert_emails=("a@shop.example",))

    rings(account_id)
    mailing.deliver(account_id, batches=10)

    assert [each.state for each in mails(account_id)] == ["sent"]
    assert [to for to, _ in office.letters] == ["a@shop.example"]


def test_the_dashboard_lists_and_shows_a_mail_without_a_customer(sink):
    account_id = told_account(sink.url, alert_emails=("a@shop.example",))
    rings(account_id)
    (mail,) = mails(account_id)
    client = signed_in_client(account_id)

    listed = client.get(path(account_id, "mail"))
    shown = client.get(path(account_id, f"mail/{mail.id}"))

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert "Webhooks fail" in listed.content.decode()
    assert mail.subject in shown.content.decode()


def test_no_other_mail_is_without_a_customer(sink, owner):
    account_id = told_account(sink.url, alert_emails=("a@shop.example",))
    rings(account_id)
    (mail,) = mails(account_id)

    with pytest.raises(psycopg.errors.CheckViolation, match="mail_names_its_customer"):
        owner.execute("UPDATE messaging_mail SET kind = 'invoice_receipt' WHERE id = %s", [mail.id])
