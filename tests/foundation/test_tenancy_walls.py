"""A second account sees nothing, with each of the three walls removed in turn.

Wall 1 is `Model.objects.of(account)`, wall 2 row-level security, wall 3 the composite keys.
"""

import json
from contextlib import nullcontext

import pytest
from django.db import Error, connection
from psycopg import errors

from accounts.models import Account, Organisation
from billing_platform.frontdoor.databases import database_url
from foundation.tenancy import WrongTenant, tenant
from invoicing.models import Invoice
from kernel.ids import new_id
from payments.models import PaymentAttempt
from tests.foundation.furnished import broken_off, connected_as, tenant_models

TABLES = sorted(tenant_models())
ONLY_GROW = {
    "accounts_accountversion",
    "catalog_planversion",
    "customers_customerversion",
    "foundation_outboxevent",
    "invoicing_document",
    "invoicing_documentline",
    "ledger_journalentry",
    "ledger_journalposting",
    "subscriptions_billingperiod",
    "webhooks_deliveryattempt",
    "webhooks_event",
}
FINAL = {
    "UPDATE {} SET account_id = account_id": ONLY_GROW,
    "DELETE FROM {}": ONLY_GROW
    | {
        "foundation_auditrow",
        "invoicing_invoice",
        "invoicing_rendering",
        "payments_paymentattempt",
    },
}
"""Each change, and the tables that refuse it whoever asks."""


def answer(question, *values):
    """By hand, past every manager of the code, over the application's connection."""
    with connection.cursor() as cursor:
        cursor.execute(question, values or None)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


@pytest.mark.parametrize("table", TABLES)
def test_both_accounts_have_rows_in_every_table_so_that_nothing_passes_for_want_of_rows(
    two_accounts, owner, table
):
    for account_id in two_accounts:
        found = owner.execute(f"SELECT count(*) FROM {table} WHERE account_id = %s", [account_id])
        assert found.fetchone()[0] > 0


# Wall 1 removed: SQL by hand and unscoped managers.


@pytest.mark.parametrize("table", TABLES)
def test_without_wall_1_the_policy_shows_the_account_its_own_rows_alone(two_accounts, table):
    mine, theirs = two_accounts
    with tenant(mine):
        assert answer(f"SELECT DISTINCT account_id FROM {table}") == [(mine,)]
        assert answer(f"SELECT count(*) FROM {table} WHERE account_id = %s", theirs) == [(0,)]


@pytest.mark.parametrize("model", tenant_models().values(), ids=lambda model: model.__name__)
def test_without_wall_1_an_unscoped_manager_sees_the_accounts_own_rows_alone(two_accounts, model):
    mine, _ = two_accounts
    with tenant(mine):
        found = set(model._base_manager.values_list("account_id", flat=True))
    assert found == {mine}


@pytest.mark.parametrize("table", [*TABLES, "accounts_account", "accounts_organisation"])
def test_outside_every_door_there_is_not_one_row(two_accounts, table):
    assert answer(f"SELECT count(*) FROM {table}") == [(0,)]


def test_without_wall_1_the_account_sees_itself_and_its_organisation_alone(two_accounts):
    mine, theirs = two_accounts
    with tenant(theirs) as account:
        foreign_organisation = account.organisation_id
    with tenant(mine) as account:
        assert [each.id for each in Account.objects.all()] == [mine]
        assert [each.id for each in Organisation.objects.all()] == [account.organisation_id]
        assert not Account.objects.filter(id=theirs).update(handle="mine-now")
        assert not Organisation.objects.filter(id=foreign_organisation).update(name="mine-now")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", FINAL)
def test_without_wall_1_no_row_of_another_account_is_changed_or_removed(
    two_accounts, table, change
):
    mine, theirs = two_accounts
    question = f"{change.format(table)} WHERE account_id = %s"
    # What is final is refused before any row is looked at.
    final = pytest.raises(Error, match=r"permission denied|append-only")
    with broken_off(mine), final if table in FINAL[change] else nullcontext():
        assert answer(question, theirs) == [(0,)]


@pytest.mark.parametrize("table", TABLES)
def test_without_wall_1_no_row_is_written_into_another_account(two_accounts, owner, table):
    mine, theirs = two_accounts
    (row,) = owner.execute(
        f"SELECT to_jsonb(t) FROM {table} AS t WHERE account_id = %s LIMIT 1", [theirs]
    ).fetchone()
    row["id"] = 2**50 if isinstance(row["id"], int) else str(new_id())
    text = json.dumps(row)

    insert = f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s)"
    with broken_off(mine), pytest.raises(Error, match=f'security policy for table "{table}"'):
        answer(insert, text)


@pytest.mark.parametrize("table", TABLES)
def test_without_wall_1_no_row_is_moved_into_another_account(two_accounts, table):
    mine, theirs = two_accounts
    move = f"UPDATE {table} SET account_id = %s WHERE account_id = %s"
    refused = r"row-level security|permission denied|append-only|only ever"
    with broken_off(mine), pytest.raises(Error, match=refused):
        answer(move, theirs, mine)


# Wall 2 removed: a role that no policy binds.


@pytest.fixture
def no_policies(superuser_url, database):
    """The application's code over a superuser's connection: row-level security is off."""
    with connected_as(database_url(superuser_url, database)):
        yield


@pytest.mark.parametrize("model", tenant_models().values(), ids=lambda model: model.__name__)
def test_without_wall_2_the_managers_filter_and_refuse(two_accounts, no_policies, model):
    mine, theirs = two_accounts
    with tenant(theirs) as stranger:
        pass
    with tenant(mine) as account:
        assert model._base_manager.filter(account_id=theirs).exists(), "wall 2 still stands"
        assert set(model.objects.of(account).values_list("account_id", flat=True)) == {mine}
        with pytest.raises(WrongTenant):
            model.objects.of(stranger)


PARENT_KEYS = """
SELECT conrelid::regclass::text, conname, a.attname, confrelid::regclass::text
FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = conrelid AND a.attnum = conkey[2]
WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND cardinality(conkey) = 2
ORDER BY conname
"""


def test_without_wall_2_the_composite_keys_refuse_a_row_that_points_into_another_account(
    two_accounts, owner
):
    """Each key of each table in turn: a row of one account gets a parent of the other."""
    mine, theirs = two_accounts
    parent_keys = owner.execute(PARENT_KEYS).fetchall()
    assert len(parent_keys) >= 20

    for table, name, column, parent in parent_keys:
        mine_is = "id" if table == "accounts_account" else "account_id"
        (foreign,) = owner.execute(
            f"SELECT id FROM {parent} WHERE account_id = %s LIMIT 1", [theirs]
        ).fetchone()
        with owner.transaction(force_rollback=True):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            point_across = f"UPDATE {table} SET {column} = %s WHERE {mine_is} = %s"
            assert owner.execute(point_across, [foreign, mine]).rowcount, f"no row in {table}"
            with pytest.raises(errors.ForeignKeyViolation) as refusal:
                owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert refusal.value.diag.constraint_name == name


def test_the_trial_of_the_composite_keys_lets_a_parent_of_the_same_account_pass(
    two_accounts, owner
):
    """What is tried above is refused for its account, not for its form."""
    mine, _ = two_accounts
    with owner.transaction(force_rollback=True):
        owner.execute("ALTER TABLE payments_paymentattempt DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE payments_paymentattempt SET invoice_id = "
            "(SELECT id FROM invoicing_invoice WHERE account_id = %(a)s LIMIT 1), method_id = "
            "(SELECT id FROM payments_paymentmethod WHERE account_id = %(a)s LIMIT 1) "
            "WHERE account_id = %(a)s",
            {"a": mine},
        )
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")


# Wall 3 removed: rows that point across are in the database after all.


def test_without_wall_3_a_row_that_points_across_shows_nothing_of_the_other_account(
    two_accounts, owner
):
    mine, theirs = two_accounts
    before = owner.execute(
        "SELECT id, invoice_id FROM payments_paymentattempt WHERE account_id = %s", [mine]
    ).fetchall()
    (foreign,) = owner.execute(
        "SELECT id FROM invoicing_invoice WHERE account_id = %s LIMIT 1", [theirs]
    ).fetchone()
    owner.execute("SET session_replication_role = replica")
    try:
        owner.execute(
            "UPDATE payments_paymentattempt SET invoice_id = %s WHERE account_id = %s",
            [foreign, mine],
        )
        with tenant(mine) as account:
            attempt = PaymentAttempt.objects.of(account).get()
            assert attempt.invoice_id == foreign, "wall 3 still stands"
            assert not Invoice.objects.of(account).filter(id=attempt.invoice_id).exists()
            with pytest.raises(Invoice.DoesNotExist):
                _ = attempt.invoice
    finally:
        for id_, invoice_id in before:
            owner.execute(
                "UPDATE payments_paymentattempt SET invoice_id = %s WHERE id = %s",
                [invoice_id, id_],
            )
