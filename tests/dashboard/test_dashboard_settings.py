"""The account's settings as a form: saved as a whole or not at all, and effective at once."""

import io
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.commands.open_account import NewAccount, open_account
from accounts.domain.details import Party, Terms
from accounts.queries import party
from foundation.listing import Asked, page
from foundation.models import AuditRow
from foundation.tenancy import tenant
from invoicing.listings import INVOICES
from subscriptions.commands import drive
from tests.dashboard.browser import path, signed_in_client
from tests.factories import (
    NOON,
    make_account,
    make_customers,
    make_plan,
    make_subscriptions,
    set_clock,
)


def picture(kind="PNG", size=(40, 20)) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", size, "teal").save(held, kind)
    return held.getvalue()


@pytest.fixture
def account_id():
    return make_account()


def save(account_id, client=None, **fields):
    client = client or signed_in_client(account_id)
    return client.post(path(account_id, "settings"), fields)


def present(account_id, name):
    with tenant(account_id) as account:
        return getattr(account, name) if hasattr(account, name) else getattr(party(account), name)


def audited(account_id) -> list[str]:
    with tenant(account_id) as account:
        rows = AuditRow.objects.of(account).exclude(act__in=["account.opened", "member.set"])
        return list(rows.order_by("id").values_list("act", flat=True))


FIELDS = {
    "name": "Nordlicht GmbH",
    "language": "en",
    "currency": "DKK",
    "timezone": "Europe/Copenhagen",
    "address": "Speicherstadt 1",
    "address2": "Hof",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "AT",
    "vat_id": "ATU12345678",
    "email": "mail@nordlicht.example",
    "phone": "+49 40 1",
    "website": "https://nordlicht.example",
    "tax_number": "12/345/67890",
    "register_entry": "HRB 1, Hamburg",
    "managing_directors": "Anna Petersen",
    "bank_name": "Hafenbank",
    "bank_iban": "DE89370400440532013000",
    "bank_bic": "COBADEFFXXX",
    "invoice_prefix": "NL-",
}


@pytest.mark.parametrize(("name", "value"), FIELDS.items())
def test_each_field_is_saved_shown_again_and_leaves_its_trace(account_id, name, value):
    client = signed_in_client(account_id)
    answer = save(account_id, client, **{name: value})
    shown = client.get(answer["Location"]).content.decode()

    assert (answer.status_code, present(account_id, name)) == (302, value)
    assert "The settings are saved." in shown
    assert f'value="{value}"' in shown
    assert len(audited(account_id)) == 1


def test_what_the_form_does_not_carry_stays_as_it_is(account_id):
    save(account_id, **FIELDS)
    save(account_id, city="Kiel")

    kept = {name: present(account_id, name) for name in FIELDS}
    assert kept == FIELDS | {"city": "Kiel"}


@pytest.mark.parametrize(
    ("typed", "kept"), [("19", "0.19"), ("8,1", "0.081"), ("0", "0"), ("7.5", "0.075")]
)
def test_the_default_tax_is_typed_in_percent(account_id, typed, kept):
    save(account_id, default_vat=typed)

    assert present(account_id, "default_vat") == Decimal(kept)


@pytest.mark.feature("F003")
@pytest.mark.parametrize(("vat_id", "is_kept"), [("AT12345", False), ("ATU12345678", True)])
def test_a_vat_id_that_is_none_of_its_country_is_refused_beside_its_field(
    account_id, vat_id, is_kept
):
    answer = save(account_id, vat_id=vat_id, country="AT", city="Wien")

    assert (present(account_id, "vat_id"), present(account_id, "city")) == (
        (vat_id, "Wien") if is_kept else ("", "Berlin")
    )
    if not is_kept:
        shown = answer.content.decode()
        assert answer.status_code == 422
        assert re.search(r'name="vat_id" value="AT12345"[^>]*aria-invalid="true"', shown)
        assert 'id="e-vat_id">AT12345 is not a VAT ID' in shown
        assert 'value="Wien"' in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("country", "Germany"),
        ("timezone", "Mars/Phobos"),
        ("language", "fr"),
        ("currency", "XXX"),
        ("default_vat", "1e3"),
        ("default_vat", "100"),
        ("default_vat", "NaN"),
        ("default_vat", "-1"),
        ("invoice_prefix", "A B"),
        ("payment_days", "366"),
        ("payment_days", "²"),
        ("phone", "1" * 51),
        ("city", "a\0b"),
        ("bank_iban", "DE00"),
        ("terms_of_service", "x" * 50_001),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_nothing_is_saved(account_id, name, value):
    answer = save(account_id, **{"address": "Elsewhere", name: value})

    assert answer.status_code == 422
    assert "Nothing was saved." in answer.content.decode()
    assert (present(account_id, "address"), audited(account_id)) == ("", [])


@pytest.mark.feature("F007")
def test_the_currency_of_a_live_account_cannot_be_changed_by_the_form():
    account_id = make_account(is_live=True)
    answer = save(account_id, currency="USD")

    assert (answer.status_code, present(account_id, "currency")) == (422, "EUR")
    assert "The currency of a live account stays EUR." in answer.content.decode()


@pytest.mark.parametrize(
    ("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_a_logo_is_kept_shown_and_can_be_removed(account_id, kind, mime):
    client, content = signed_in_client(account_id), picture(kind)
    save(account_id, client, logo=SimpleUploadedFile("logo.exe", content))
    found = re.search(
        r'src="([^"]*/logo/[0-9a-f]{64})"', client.get(path(account_id)).content.decode()
    )
    assert found is not None
    answer = client.get(found[1])

    assert (answer.content, answer["Content-Type"]) == (content, mime)
    save(account_id, client, remove_logo="yes")
    assert client.get(found[1]).status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 100,
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
        picture() + b"\0" * 600_000,
        picture(size=(5000, 1)),
        b"%PDF-1.7",
    ],
)
def test_what_is_no_picture_or_too_large_is_no_logo(account_id, content):
    answer = save(account_id, logo=SimpleUploadedFile("logo.png", content, "image/png"))

    assert (answer.status_code, present(account_id, "logo_digest")) == (422, "")
    assert "A logo" in answer.content.decode()


def test_terms_of_service_are_kept_as_text_and_shown_as_text(account_id):
    client = signed_in_client(account_id)
    save(account_id, client, terms_of_service="1. Be kind.\r\n\r\n<script>alert(1)</script>")

    assert present(account_id, "terms_of_service") == "1. Be kind.\n\n<script>alert(1)</script>"
    assert "<script>alert" not in client.get(path(account_id, "settings")).content.decode()


@pytest.mark.parametrize("role", ["finance", "operations", "developer", "read_only"])
def test_only_administrators_change_settings(account_id, role):
    answer = save(account_id, signed_in_client(account_id, role), name="Taken over")

    assert (answer.status_code, present(account_id, "name")) == (403, "Muster GmbH")


def numbers(account_id) -> list[str]:
    with tenant(account_id) as account:
        rows = page(account, INVOICES, Asked(descending=False, size=100)).rows
        return [row["number"] for row in rows]


@pytest.mark.feature("F004")
def test_another_prefix_is_for_the_invoices_that_come_after_it(account_id):
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account)
        make_subscriptions(account, "one", start="2026-02-01")
    set_clock(account_id, "2026-02-02")
    drive.bill(account_id, batches=1)
    before = numbers(account_id)
    save(account_id, invoice_prefix="NL")
    assert numbers(account_id) == before
    set_clock(account_id, "2026-03-02")
    drive.bill(account_id, batches=1)

    assert before == ["TEST-INV-2026-000001"]
    assert numbers(account_id) == ["TEST-INV-2026-000001", "TEST-NL-2026-000001"]


@pytest.mark.feature("F012")
def test_the_zone_set_in_the_form_decides_at_which_instant_a_month_is_billed():
    """March to May in Berlin: midnight is 23:00 UTC before the change of the clocks, then 22:00."""
    account_id = make_account(timezone="UTC")
    save(account_id, timezone="Europe/Berlin")
    with tenant(account_id) as account:
        make_customers(account, "one")
        make_plan(account)
        make_subscriptions(account, "one", start="2026-03-01")
    instants = []
    for at in ("2026-02-28T23:59", "2026-03-01", "2026-03-31T23:59", "2026-04-01", "2026-05-01"):
        set_clock(account_id, at)
        drive.bill(account_id, batches=1)
        instants.append(present(account_id, "clock_at").strftime("%m-%d %H:%M"))
        counts = len(numbers(account_id))
        instants.append(str(counts))

    assert instants == [
        "02-28 22:59", "0", "02-28 23:00", "1", "03-31 21:59", "1", "03-31 22:00", "2",
        "04-30 22:00", "3",
    ]  # fmt: skip


def test_settings_of_one_account_are_not_those_of_its_sibling(account_id):
    sibling = open_account(
        beside=account_id,
        new=NewAccount(handle="second", party=Party(name="Second", country="DE"), terms=Terms()),
        now=NOON,
    )
    save(account_id, name="First")

    assert (present(account_id, "name"), present(sibling, "name")) == ("First", "Second")
