"""What a merchant says of itself for its documents: registers, tax number and bank details."""

from dataclasses import asdict

import pytest

from accounts.commands.change_details import change_party
from accounts.domain.details import Party
from accounts.queries import party
from foundation.tenancy import tenant
from kernel.errors import Invalid
from tests.factories import NOON, make_account

GIVEN = {
    "tax_number": "27/123/45678",
    "register_entry": "Amtsgericht Hamburg, HRB 123456",
    "managing_directors": "Jana Petersen, Tom Okafor",
    "bank_name": "Musterbank",
    "bank_iban": "DE89370400440532013000",
    "bank_bic": "COBADEFFXXX",
}


def test_they_are_kept_as_given_in_a_new_version():
    account_id = make_account()
    with tenant(account_id) as account:
        new = Party(name="Muster GmbH", country="DE", **GIVEN)
        change_party(account=account, party=new, actor="test", now=NOON)

        kept = party(account)

    assert {name: getattr(kept, name) for name in asdict(new)} == asdict(new)
    assert kept.number == 2


@pytest.mark.parametrize(
    "iban", ["DE89370400440532013000", "NL91ABNA0417164300", "NO9386011117947", ""]
)
def test_an_iban_with_its_checksum_is_taken(iban):
    assert Party(name="M", country="DE", bank_iban=iban).bank_iban == iban


@pytest.mark.parametrize(
    "iban",
    [
        "DE89370400440532013001",
        "DE89 3704 0044 0532 0130 00",
        "de89370400440532013000",
        "DE8937040044053201300",
        "XX89370400440532013000",
        "DE00",
        "'; DROP TABLE",
    ],
)
def test_an_iban_that_is_none_is_refused(iban):
    with pytest.raises(Invalid) as caught:
        Party(name="M", country="DE", bank_iban=iban)

    assert (caught.value.code, caught.value.field) == ("invalid_iban", "bank_iban")


@pytest.mark.parametrize("bic", ["COBADEFF", "COBADEFFXXX", ""])
def test_a_bic_of_eight_or_eleven_is_taken(bic):
    assert Party(name="M", country="DE", bank_bic=bic).bank_bic == bic


@pytest.mark.parametrize("bic", ["COBADEF", "cobadeffxxx", "COBADEFFXX", "COBA DEFF", "12345678"])
def test_a_bic_that_is_none_is_refused(bic):
    with pytest.raises(Invalid) as caught:
        Party(name="M", country="DE", bank_bic=bic)

    assert (caught.value.code, caught.value.field) == ("invalid_bic", "bank_bic")


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("tax_number", 30),
        ("register_entry", 100),
        ("managing_directors", 255),
        ("bank_name", 70),
    ],
)
def test_what_is_too_long_for_its_column_is_refused(field, limit):
    Party(name="M", country="DE", **{field: "x" * limit})

    with pytest.raises(Invalid) as caught:
        Party(name="M", country="DE", **{field: "x" * (limit + 1)})

    assert caught.value.field == field
