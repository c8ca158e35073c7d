"""What is written for good: neither changed nor removed, whoever asks."""

import pytest
from psycopg import errors

FINAL = (
    "accounts_accountversion",
    "catalog_planversion",
    "customers_customerversion",
    "foundation_outboxevent",
    "invoicing_document",
    "invoicing_documentline",
    "ledger_journalentry",
    "ledger_journalposting",
    "subscriptions_billingperiod",
)


@pytest.mark.parametrize("table", FINAL)
@pytest.mark.parametrize("change", ["UPDATE {} SET account_id = account_id", "DELETE FROM {}"])
def test_a_final_row_is_kept_as_it_is_even_from_a_superuser(two_accounts, owner, table, change):
    count = f"SELECT count(*) FROM {table}"
    before = owner.execute(count).fetchone()
    assert before[0] >= 2

    with pytest.raises(errors.RestrictViolation, match=f"{table} is append-only"):
        owner.execute(change.format(table))

    assert owner.execute(count).fetchone() == before


@pytest.mark.parametrize("change", ["UPDATE {} SET position = 7", "DELETE FROM {}"])
def test_an_event_is_kept_also_when_its_partition_is_named(two_accounts, owner, change):
    partitions = owner.execute(
        "SELECT DISTINCT tableoid::regclass::text FROM foundation_outboxevent"
    ).fetchall()
    assert partitions

    for (partition,) in partitions:
        with pytest.raises(errors.RestrictViolation, match="append-only"):
            owner.execute(change.format(partition))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("invoicing_invoice", "gross_minor"),
        ("payments_paymentattempt", "amount_minor"),
    ],
)
def test_what_a_claim_and_an_attempt_are_about_never_changes(two_accounts, owner, table, column):
    with pytest.raises(errors.RestrictViolation):
        owner.execute(f"UPDATE {table} SET {column} = {column} + 1")
    with pytest.raises(errors.RestrictViolation):
        owner.execute(f"DELETE FROM {table}")


def test_an_account_stays_in_its_organisation(two_accounts, owner):
    mine, theirs = two_accounts
    with pytest.raises(errors.RestrictViolation):
        owner.execute(
            "UPDATE accounts_account SET organisation_id = "
            "(SELECT organisation_id FROM accounts_account WHERE id = %s) WHERE id = %s",
            [theirs, mine],
        )
