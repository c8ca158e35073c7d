"""From a settled claim to the mail server: each receipt once, whatever dies or answers badly."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F

from customers.domain.details import Details
from foundation import faultpoint, outbox
from foundation.models import Dispatch, DueItem, Parked
from foundation.tenancy import tenant
from invoicing.domain.rendering import Pdf, Waiting
from kernel.clock import wall_now
from messaging.commands import deliver as driver
from messaging.commands.deliver import deliver
from messaging.commands.queue import DUE_KIND
from messaging.commands.record import release
from messaging.domain.retry import PATIENCE, PDF_PATIENCE
from messaging.models import Mail
from payments.commands import documents
from tests.messaging.paid import MERCHANT, claims, customer, mails, merchant, opened, paid, receipts
from tests.witness import at_once, nothing_changes


@pytest.fixture(autouse=True)
def ready_document(monkeypatch):
    """Documents are there at once: how they are printed is told elsewhere."""
    ready = Pdf(b"%PDF-1.7", "0" * 64, "INV-2026-000001.pdf")
    monkeypatch.setattr(documents, "pdf_of", lambda *_, **__: ready)


@pytest.fixture
def wall(monkeypatch):
    """The wall clock of the driver, moved by hand."""

    class Wall:
        now = wall_now() + timedelta(minutes=1)

        def later(self, **by):
            self.now += timedelta(**by)

    clock = Wall()
    monkeypatch.setattr(driver, "wall_now", lambda: clock.now)
    return clock


def written_to(*addresses):
    """A live account with a meant receipt for each address."""
    account_id = merchant(is_live=True)
    for number, address in enumerate(addresses):
        customer(account_id, f"c{number}", Details(email=address, language="de"))
        paid(account_id, *claims(account_id, f"inv-{number}", buyer=f"c{number}"))
    return account_id


def states(account_id):
    return [each.state for each in mails(account_id)]


@pytest.fixture
def broken():
    """Arms one fault point to raise; the test disarms by leaving."""
    yield faultpoint.arm
    faultpoint.arm("")


def test_each_receipt_arrives_once_over_one_connection(office):
    account_id = receipts(5)

    assert deliver(account_id, batches=5) == 5

    assert states(account_id) == ["sent"] * 5
    assert len(office.letters) == 5
    assert office.sessions == 1
    due = DueItem.objects.filter(account_id=account_id, kind=DUE_KIND, due_at__lte=wall_now())
    assert not due.exists()


def test_a_mail_that_was_sent_is_not_sent_again(office):
    account_id = receipts()
    deliver(account_id, batches=5)

    with nothing_changes(account_id):
        assert deliver(account_id, batches=5) == 0
    assert len(office.letters) == 1


def test_senders_at_once_send_each_mail_once(office):
    account_id = receipts(12)

    outcomes = at_once(*(lambda: deliver(account_id, batches=5) for _ in range(3)))

    assert sum(outcomes) == 12
    assert len(office.letters) == 12
    assert len({message["Message-ID"] for message in office.messages}) == 12


def test_a_merchant_whose_own_address_is_none_keeps_no_customer_from_the_mail(office):
    account_id = merchant(is_live=True, party=replace(MERCHANT, email="rechnung at nordlicht"))
    customer(account_id, "c1", Details(email="erika@kunde.example"))
    paid(account_id, *claims(account_id, "inv-1", buyer="c1"))

    deliver(account_id, batches=5)

    assert states(account_id) == ["sent"]
    assert [each["Reply-To"] for each in office.messages] == [None]


def test_what_arrives_is_what_is_kept(office):
    account_id = receipts()
    deliver(account_id, batches=5)
    (mail,) = mails(account_id)
    (message,) = office.messages

    kept = opened(account_id, mail.id)

    assert message["From"] == "Nordlicht Software GmbH <post@kontor.example>"
    assert message["To"] == "erika@kunde.example"
    assert message["Reply-To"] == "rechnung@nordlicht.example"
    assert message["Subject"] == "Zahlungsbeleg zu Ihrer Rechnung INV-2026-000001"
    assert message["Message-ID"] == f"<{mail.id.hex}@kontor.example>"
    assert message.get_body(("plain",)).get_content().splitlines() == kept.text.splitlines()
    assert [each.get_filename() for each in message.iter_attachments()] == ["INV-2026-000001.pdf"]
    assert "TEST" not in kept.text


def test_a_customer_without_an_address_gets_no_mail(office):
    account_id = written_to("")

    assert states(account_id) == []


def test_no_mail_of_a_test_account_reaches_the_mail_server(office):
    account_id = receipts(2, is_live=False)
    with tenant(account_id) as account:
        mail = Mail.objects.of(account).order_by("id")[0]
        mail.state = "parked"
        # As if it had slipped into the queue by whatever way.
        Mail.objects.of(account).bulk_create([copy_of(mail)])

    assert deliver(account_id, batches=5) == 1

    assert sorted(states(account_id)) == ["kept", "kept", "kept"]
    assert office.letters == []


def copy_of(mail):
    values = {field.attname: getattr(mail, field.attname) for field in Mail._meta.concrete_fields}
    del values["id"]
    return Mail(**values | {"state": "queued", "next_at": wall_now()})


def test_without_a_mail_server_all_mails_are_kept_and_can_be_read(settings):
    settings.SMTP_URL = ""
    account_id = receipts()

    assert states(account_id) == ["kept"]
    assert deliver(account_id, batches=5) == 0
    (mail,) = mails(account_id)
    assert "30,60" in opened(account_id, mail.id).text


def test_a_kept_mail_is_final_once_it_was_looked_at():
    account_id = receipts(is_live=False)
    (mail,) = mails(account_id)
    first = opened(account_id, mail.id)

    assert opened(account_id, mail.id) == first


def test_who_asks_for_a_later_try_gets_it_and_the_others_are_not_held_up(office, wall):
    account_id = written_to("later@a.example", "erika@a.example")

    assert deliver(account_id, batches=5) == 1
    assert states(account_id) == ["queued", "sent"]
    assert "451 4.7.1 Come back later" in mails(account_id)[0].error
    assert deliver(account_id, batches=5) == 0

    office.answers.clear()
    wall.later(seconds=61)
    assert deliver(account_id, batches=5) == 1
    assert states(account_id) == ["sent", "sent"]
    assert len(office.letters) == 2


def test_what_is_refused_for_good_has_failed_and_says_why(office):
    account_id = written_to("gone@a.example", "erika@a.example")

    deliver(account_id, batches=5)

    assert states(account_id) == ["failed", "sent"]
    assert mails(account_id)[0].error == "550 5.1.1 No such user"


def test_an_address_that_is_none_fails_alone(office):
    account_id = written_to("no body@", "erika@a.example")

    deliver(account_id, batches=5)

    assert states(account_id) == ["failed", "sent"]
    assert len(office.letters) == 1


def test_a_line_that_is_cut_early_costs_one_mail_a_minute_and_no_other_anything(office, wall):
    account_id = written_to("cut@a.example", "erika@a.example")

    assert deliver(account_id, batches=5) == 1

    assert states(account_id) == ["queued", "sent"]
    assert mails(account_id)[0].doubts == 0


def test_accepted_and_cut_off_is_repeated_once_under_its_name_and_then_parked(office, wall):
    """F49."""
    account_id = written_to("took@a.example")

    deliver(account_id, batches=5)
    assert (states(account_id), mails(account_id)[0].doubts) == (["queued"], 1)
    wall.later(seconds=61)
    deliver(account_id, batches=5)
    wall.later(days=1)
    deliver(account_id, batches=5)

    assert states(account_id) == ["parked"]
    first, second = office.for_("took@a.example")
    assert first == second
    with tenant(account_id) as account:
        parked = Parked.objects.of(account).get(kind="mail")
    assert (parked.subject_id, parked.code) == (mails(account_id)[0].id, "mail_doubtful")


def test_a_released_mail_is_tried_anew(office, wall):
    account_id = written_to("took@a.example")
    for _ in range(2):
        deliver(account_id, batches=5)
        wall.later(seconds=61)
    (mail,) = mails(account_id)
    with tenant(account_id) as account:
        release(account=account, mail_id=mail.id, by="anna", now=wall.now)

    deliver(account_id, batches=5)

    assert states(account_id) == ["queued"]
    assert len(office.letters) == 3


def test_a_server_that_is_away_holds_the_queue_and_is_asked_once_a_minute(settings, wall):
    settings.SMTP_URL = "smtp+plain://127.0.0.1:1"
    account_id = receipts(3)

    assert deliver(account_id, batches=5) == 0

    assert states(account_id) == ["queued"] * 3
    assert all("refused" in each.error.lower() for each in mails(account_id))
    due = DueItem.objects.filter(account_id=account_id, kind=DUE_KIND)
    assert min(due.values_list("due_at", flat=True)) == wall.now + timedelta(minutes=1)


def test_half_a_day_without_a_server_loses_nothing(settings, office, wall):
    there, settings.SMTP_URL = settings.SMTP_URL, "smtp+plain://127.0.0.1:1"
    account_id = receipts(3)
    for _ in range(12):
        deliver(account_id, batches=5)
        wall.later(hours=1)
    assert states(account_id) == ["queued"] * 3

    settings.SMTP_URL = there
    wall.later(hours=2)
    assert deliver(account_id, batches=5) == 3
    assert len(office.letters) == 3


def test_after_days_in_vain_a_person_must_look(settings, wall):
    settings.SMTP_URL = "smtp+plain://127.0.0.1:1"
    account_id = receipts()
    wall.now += PATIENCE

    deliver(account_id, batches=5)

    assert states(account_id) == ["parked"]


@pytest.mark.parametrize(("point", "copies"), [("messaging.claimed", 1), ("messaging.sent", 2)])
def test_a_sender_that_dies_is_followed_when_its_lease_ends(office, wall, broken, point, copies):
    """F1: killed before the mail is made, or before it is recorded; only the last of these sends
    it twice, the same bytes under the same name."""
    account_id = receipts()
    broken(f"{point}:1:raise")
    with pytest.raises(faultpoint.InjectedFault):
        deliver(account_id, batches=1)
    broken("")
    assert states(account_id) == ["in_flight"]
    assert deliver(account_id, batches=1) == 0, "its lease still runs"

    wall.later(minutes=11)
    deliver(account_id, batches=1)
    wall.later(minutes=2)
    deliver(account_id, batches=1)

    assert states(account_id) == ["sent"]
    assert len(office.letters) == copies
    assert len(set(office.for_("erika@kunde.example"))) == 1


def test_a_mail_that_cannot_be_made_is_parked_and_the_others_go(office, wall, broken):
    account_id = receipts(3)
    broken("messaging.composed:2:raise")

    assert deliver(account_id, batches=5) == 2

    assert sorted(states(account_id)) == ["parked", "sent", "sent"]


def test_the_handler_that_dies_before_its_mark_means_each_receipt_once(office, broken):
    account_id = merchant(is_live=True)
    customer(account_id)
    ids = claims(account_id, "inv-1", "inv-2")
    broken("outbox.before_done:1:raise")

    paid(account_id, *ids)

    with tenant(account_id) as account:
        Dispatch.objects.of(account).update(next_at=F("next_at") - timedelta(hours=1))
    broken("")
    outbox.drain(account_id, limit=10)
    assert sorted(str(each.invoice_id) for each in mails(account_id)) == sorted(map(str, ids))


def test_a_mail_waits_a_while_for_its_document_and_then_goes_with_the_link_alone(
    office, wall, monkeypatch
):
    waiting = Waiting("Pango is missing.", is_parked=False)
    monkeypatch.setattr(documents, "pdf_of", lambda *_, **__: waiting)
    account_id = receipts()

    assert deliver(account_id, batches=5) == 0
    (mail,) = mails(account_id)
    assert (mail.state, mail.tries) == ("queued", 0)
    assert mail.error == "the PDF of its invoice is not ready yet"

    wall.now = mail.queued_at + PDF_PATIENCE
    assert deliver(account_id, batches=5) == 1
    (message,) = office.messages
    assert list(message.iter_attachments()) == []
    text = message.get_body(("plain",)).get_content()
    assert "/p/" in text
    assert "PDF" not in text
