"""The audit trail: written with the fact, chained, and telling when somebody touched it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import IntegrityError, connections
from psycopg import errors

from foundation import audit
from foundation.models import AuditRow
from foundation.tenancy import tenant
from kernel.ids import new_id
from tests.factories import NOON, make_account
from tests.foundation.furnished import broken_off


@pytest.fixture
def account_id():
    """An account with one unsealed row of its opening."""
    return make_account()


def record(account_id, *acts: str):
    with tenant(account_id) as account:
        for act in acts:
            subject = ("thing", new_id())
            audit.record(account=account, actor="anna", act=act, subject=subject, at=NOON, n=1)


def seal(account_id) -> int:
    with tenant(account_id) as account:
        return audit.seal(account)


def broken(account_id) -> list[int]:
    with tenant(account_id) as account:
        return list(audit.broken_links(account))


def sequences(account_id) -> list[int | None]:
    with tenant(account_id) as account:
        rows = AuditRow.objects.of(account).order_by("sequence")
        return list(rows.values_list("sequence", flat=True))


@pytest.fixture
def chain(account_id):
    """Five sealed rows that hold."""
    record(account_id, "a", "b", "c", "d")
    assert seal(account_id) == 5
    assert broken(account_id) == []
    return account_id


@pytest.fixture
def intruder(owner):
    """Somebody with all the rights of a superuser and no triggers in the way."""
    owner.execute("SET session_replication_role = replica")
    return owner


def test_the_opening_of_an_account_is_written_down(account_id):
    with tenant(account_id) as account:
        row = AuditRow.objects.of(account).get()
    assert (row.act, row.subject_id, row.actor) == ("account.opened", account_id, "owner")


def test_a_row_is_written_with_its_fact_or_not_at_all(account_id):
    with broken_off(account_id) as account:
        audit.record(account=account, actor="anna", act="a", subject=("thing", new_id()), at=NOON)
    assert len(sequences(account_id)) == 1


def test_rows_are_sealed_one_after_the_other_and_the_chain_goes_on(chain):
    record(chain, "e")
    assert seal(chain) == 1
    assert seal(chain) == 0
    assert sequences(chain) == [1, 2, 3, 4, 5, 6]
    assert broken(chain) == []


def test_sealers_at_once_make_one_chain(account_id):
    record(account_id, *"abcdefghij")

    def work(_):
        try:
            return seal(account_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(work, range(4))) == [0, 0, 0, 11]
    assert sequences(account_id) == list(range(1, 12))
    assert broken(account_id) == []


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'ben'",
        "act = 'other'",
        "subject_id = gen_random_uuid()",
        "subject_kind = 'other'",
        "details = '{\"n\": 2}'",
        "at = at + interval '1 second'",
        "id = gen_random_uuid()",
        "seal = repeat('0', 64)",
    ],
)
def test_a_row_changed_behind_our_back_is_found(chain, intruder, change):
    intruder.execute(
        f"UPDATE foundation_auditrow SET {change} WHERE account_id = %s AND sequence = 3", [chain]
    )
    assert 3 in broken(chain)
    assert {1, 2}.isdisjoint(broken(chain))


def test_a_row_missing_from_the_middle_is_found_where_it_is_missing(chain, intruder):
    intruder.execute(
        "DELETE FROM foundation_auditrow WHERE account_id = %s AND sequence = 3", [chain]
    )
    assert broken(chain) == [3]


def test_the_first_row_missing_is_found(chain, intruder):
    intruder.execute(
        "DELETE FROM foundation_auditrow WHERE account_id = %s AND sequence = 1", [chain]
    )
    assert broken(chain) == [1]


def test_two_rows_that_changed_places_are_found(chain, intruder):
    for old, new in ((2, 99), (3, 2), (99, 3)):
        intruder.execute(
            "UPDATE foundation_auditrow SET sequence = %s WHERE account_id = %s AND sequence = %s",
            [new, chain, old],
        )
    assert broken(chain)[0] == 2


def test_a_row_of_a_past_that_was_wiped_out_does_not_fit_into_the_new_one(chain, intruder):
    """Its own seal is right; the seal of the row after it tells."""
    of_chain = "FROM foundation_auditrow AS r WHERE account_id = %s AND sequence"
    (old,) = intruder.execute(f"SELECT to_json(r)::text {of_chain} = 4", [chain]).fetchone()
    intruder.execute(f"DELETE {of_chain} >= 4", [chain])
    record(chain, "new", "newer")
    seal(chain)
    assert broken(chain) == []

    intruder.execute(f"DELETE {of_chain} = 4", [chain])
    intruder.execute(
        "INSERT INTO foundation_auditrow "
        "SELECT * FROM json_populate_record(NULL::foundation_auditrow, %s)",
        [old],
    )

    assert broken(chain) == [5]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE foundation_auditrow SET actor = 'ben' WHERE account_id = %s",
        "UPDATE foundation_auditrow SET seal = '' WHERE account_id = %s",
        "UPDATE foundation_auditrow SET sequence = sequence + 1 WHERE account_id = %s",
        "DELETE FROM foundation_auditrow WHERE account_id = %s",
    ],
)
@pytest.mark.parametrize("is_sealed", [True, False])
def test_no_row_is_changed_or_removed_even_by_a_superuser(account_id, owner, change, is_sealed):
    if is_sealed:
        seal(account_id)
    with pytest.raises(errors.RestrictViolation):
        owner.execute(change, [account_id])


def test_the_application_cannot_change_a_row_either(chain):
    with pytest.raises(IntegrityError, match="only ever sealed"), tenant(chain) as account:
        AuditRow.objects.of(account).update(actor="ben")


def test_a_digest_is_comparable_and_gone_with_its_key(monkeypatch):
    before = audit.digest("anna@example.org")
    assert before == audit.digest("anna@example.org") != audit.digest("ben@example.org")
    assert "anna" not in before
    monkeypatch.setattr(settings, "SECRET_KEY", "another")
    assert audit.digest("anna@example.org") != before
