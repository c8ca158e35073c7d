"""The telco data set, billed to the cent."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.queries import route_of
from foundation.tenancy import tenant
from invoicing.queries import broken_series, claimed_by_customer
from operations.commands import import_telco
from tests.operations.ready import books_of, runs_of

pytestmark = [
    pytest.mark.usefixtures("acquirer"),
    pytest.mark.filterwarnings("default"),
]


def run(**options):
    out = StringIO()
    call_command("import_telco", stdout=out, **options)
    return out.getvalue()


def test_every_subscriber_is_billed_their_charge_each_month_and_every_book_agrees():
    said = run(limit=120, months=2, organisation="telco-a")

    charges = [each.charge_minor for each in import_telco.read(120)]
    account_id = route_of("telco-a/test").account_id
    books = books_of(account_id, "USD")
    assert [each.documents for each in books] == [sum(charges)] * 2
    assert [each.ledger for each in books] == [sum(charges)] * 2
    assert all(each.settled and each.open and not each.in_flight for each in books)
    with tenant(account_id) as account:
        assert sorted(claimed_by_customer(account).values()) == sorted((2, 2 * n) for n in charges)
        assert broken_series(account) == []
    assert len(re.findall(r"^2025-0[78] .* difference 0\.00 USD", said, re.MULTILINE)) == 2
    assert "All fits to the cent" in said


def test_repeated_it_goes_on_where_it_ended():
    run(limit=30, months=1, organisation="telco-b")

    said = run(limit=30, months=2, organisation="telco-b")

    assert "1 months were reached before" in said
    assert [each.sheet["currencies"]["USD"]["claims"] for each in telco_runs("telco-b")] == [30, 30]


def telco_runs(subdomain):
    return runs_of(route_of(f"{subdomain}/test").account_id)


def test_a_cent_that_differs_from_the_data_set_is_found(owner):
    run(limit=30, months=1, organisation="telco-c")
    account_id = route_of("telco-c/test").account_id
    owner.execute("SET session_replication_role = replica")
    owner.execute(
        "UPDATE invoicing_invoice SET gross_minor = gross_minor + 1 WHERE id = "
        "(SELECT id FROM invoicing_invoice WHERE account_id = %s LIMIT 1)",
        [account_id],
    )

    with pytest.raises(CommandError, match="1 subscribers were billed wrongly"):
        run(limit=30, months=1, organisation="telco-c")


def test_without_the_data_set_the_one_command_that_gets_it_is_named(monkeypatch):
    monkeypatch.setattr(import_telco, "import_module", _not_installed)

    with pytest.raises(CommandError, match=r"requirements/seed\.lock"):
        run(limit=1)


def _not_installed(name):
    raise ImportError(name)
