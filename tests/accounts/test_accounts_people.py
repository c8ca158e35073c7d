"""People and keys: the last administrator stays, and a key is seen once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts import queries
from accounts.commands.api_keys import create_key, expire_key
from accounts.commands.people import add_member, add_user, remove_member
from accounts.models import ApiKey, ApiKeyRoute, Membership, User
from foundation.models import AuditRow
from foundation.tenancy import WrongTenant, tenant
from kernel.errors import Invalid, NotFound, Refused
from kernel.ids import new_id
from tests.factories import NOON, make_account
from tests.foundation.furnished import wait_for

ADMIN, FINANCE = Membership.Role.ADMIN, Membership.Role.FINANCE


@pytest.fixture
def account_id():
    return make_account()


@pytest.fixture
def anna():
    return add_user(email=f"anna-{new_id().hex}@example.org", name="Anna", now=NOON)


@pytest.fixture
def ben():
    return add_user(email=f"ben-{new_id().hex}@example.org", name="Ben", now=NOON)


def set_role(account_id, user_id, role):
    with tenant(account_id) as account:
        add_member(account=account, user_id=user_id, role=role, actor="test", now=NOON)


def remove(account_id, user_id):
    with tenant(account_id) as account:
        remove_member(account=account, user_id=user_id, actor="test", now=NOON)


def roles(account_id):
    places = Membership.objects.filter(account_id=account_id)
    return dict(places.values_list("user_id", "role"))


# People.


def test_a_person_is_one_by_her_address_whatever_its_case_and_cannot_log_in_yet():
    address = f"{new_id().hex}@Example.org"
    first = add_user(email=f" {address} ", name="Anna", now=NOON)
    assert add_user(email=address.upper(), name="Other", now=NOON) == first
    user = User.objects.get(id=first)
    assert (user.email, user.name) == (address.lower(), "Anna")
    assert not user.has_usable_password()


@pytest.mark.parametrize("email", ["", "anna", "a\x00@b.de", "@" + "x" * 255, "İ" * 128 + "@b.de"])
def test_what_is_no_address_is_refused(email):
    before = User.objects.count()
    with pytest.raises(Invalid):
        add_user(email=email, name="Anna", now=NOON)
    assert User.objects.count() == before


def test_a_person_has_one_role_in_each_account(account_id, anna, ben):
    other = make_account()
    set_role(account_id, anna, ADMIN)
    set_role(account_id, ben, FINANCE)
    set_role(account_id, ben, ADMIN)
    set_role(other, ben, FINANCE)
    assert roles(account_id) == {anna: "admin", ben: "admin"}
    assert roles(other) == {ben: "finance"}


@pytest.mark.feature("F036")
def test_the_last_administrator_keeps_her_role_and_her_place(account_id, anna, ben):
    set_role(account_id, anna, ADMIN)
    set_role(account_id, ben, FINANCE)
    for attempt in (
        lambda: set_role(account_id, anna, FINANCE),
        lambda: remove(account_id, anna),
    ):
        with pytest.raises(Refused, match="last administrator") as refusal:
            attempt()
        assert refusal.value.code == "last_administrator"
    assert roles(account_id) == {anna: "admin", ben: "finance"}


@pytest.mark.feature("F036")
def test_one_of_two_administrators_can_go(account_id, anna, ben):
    set_role(account_id, anna, ADMIN)
    set_role(account_id, ben, ADMIN)
    remove(account_id, anna)
    assert roles(account_id) == {ben: "admin"}
    with tenant(account_id) as account:
        assert AuditRow.objects.of(account).get(act="member.removed").subject_id == anna


def test_an_administrator_of_another_account_does_not_count(account_id, anna, ben):
    set_role(account_id, anna, ADMIN)
    set_role(make_account(), ben, ADMIN)
    with pytest.raises(Refused):
        remove(account_id, anna)


@pytest.mark.feature("F036")
def test_two_administrators_who_remove_each_other_at_once_leave_one(account_id, anna, ben, owner):
    set_role(account_id, anna, ADMIN)
    set_role(account_id, ben, ADMIN)

    def work(user_id):
        try:
            remove(account_id, user_id)
        except Refused:
            return "refused"
        finally:
            connections.close_all()
        return "removed"

    with ThreadPoolExecutor(2) as threads:
        with owner.transaction():
            owner.execute(
                "SELECT FROM accounts_membership WHERE account_id = %s FOR UPDATE", [account_id]
            )
            both = [threads.submit(work, each) for each in (anna, ben)]
            wait_for(owner, 2)
        assert sorted(each.result() for each in both) == ["refused", "removed"]
    assert list(roles(account_id).values()) == ["admin"]


def test_nobody_unknown_gets_or_loses_a_place(account_id, anna):
    with pytest.raises(NotFound):
        set_role(account_id, new_id(), ADMIN)
    with pytest.raises(NotFound):
        remove(account_id, anna)


def test_places_in_another_account_are_not_given(account_id, anna):
    with tenant(make_account()) as stranger:
        pass
    with tenant(account_id):
        with pytest.raises(WrongTenant):
            add_member(account=stranger, user_id=anna, role=ADMIN, actor="x", now=NOON)
        with pytest.raises(WrongTenant):
            remove_member(account=stranger, user_id=anna, actor="x", now=NOON)
    assert roles(stranger.id) == {}


# Keys.


def make_key(account_id, name="shop"):
    with tenant(account_id) as account:
        return create_key(account=account, name=name, actor="anna", now=NOON)


def expire(account_id, key_id):
    with tenant(account_id) as account:
        expire_key(account=account, key_id=key_id, actor="anna", now=NOON)


def test_several_named_keys_open_their_account_and_one_that_is_revoked_opens_nothing_at_once(
    account_id,
):
    shop, books = make_key(account_id, "shop"), make_key(account_id, "books")
    assert queries.account_of_key(shop.key) == queries.account_of_key(books.key) == account_id

    expire(account_id, shop.id)

    assert queries.account_of_key(shop.key) is None
    assert queries.account_of_key(books.key) == account_id
    with tenant(account_id) as account:
        keys = ApiKey.objects.of(account).order_by("name")
        assert [(each.name, each.expired_at) for each in keys] == [("books", None), ("shop", NOON)]
    with pytest.raises(NotFound):
        expire(account_id, shop.id)


def test_a_revoked_key_opens_nothing_even_while_its_route_still_stands(account_id):
    key = make_key(account_id)
    expire(account_id, key.id)
    ApiKeyRoute.objects.create(key_hash=queries.key_hash(key.key), account_id=account_id)
    assert queries.account_of_key(key.key) is None


def test_a_route_to_another_account_opens_nothing_there(account_id):
    key = make_key(account_id)
    ApiKeyRoute.objects.filter(key_hash=queries.key_hash(key.key)).update(account_id=make_account())
    assert queries.account_of_key(key.key) is None


def test_a_key_is_long_random_and_tells_test_from_live(account_id):
    keys = {make_key(account_id).key for _ in range(3)}
    assert len(keys) == 3
    assert all(key.startswith("priv_test_") and len(key) == len("priv_test_") + 48 for key in keys)
    assert make_key(make_account(is_live=True)).key.startswith("priv_live_")


@pytest.mark.parametrize("key", ["", "priv_test_", "a\x00b", "\ud83d", "x" * 100_000])
def test_what_is_no_key_opens_nothing(key):
    assert queries.account_of_key(key) is None


def test_a_key_is_shown_once_and_its_text_is_nowhere_in_the_database(account_id, owner):
    shown = make_key(account_id)
    secret = shown.key.removeprefix("priv_test_")
    assert secret not in repr(shown)
    tables = owner.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    for (table,) in tables:
        found = owner.execute(
            f"SELECT count(*) FROM {table} AS t WHERE strpos(t::text, %s) > 0", [secret[:16]]
        )
        assert found.fetchone() == (0,), table
    with tenant(account_id) as account:
        assert ApiKey.objects.of(account).get().masked == f"priv_test_…{secret[-4:]}"


def test_a_key_of_another_account_cannot_be_revoked(account_id):
    key = make_key(make_account())
    with pytest.raises(NotFound):
        expire(account_id, key.id)
    assert queries.account_of_key(key.key) is not None


@pytest.mark.parametrize("name", ["a\x00b", "n" * 256])
def test_a_key_with_a_name_that_cannot_be_kept_is_not_made(account_id, name):
    with pytest.raises(Invalid):
        make_key(account_id, name)
    with tenant(account_id) as account:
        assert not ApiKey.objects.of(account).exists()


def test_making_and_revoking_a_key_are_written_down(account_id):
    key = make_key(account_id)
    expire(account_id, key.id)
    with tenant(account_id) as account:
        acts = AuditRow.objects.of(account).filter(subject_id=key.id).values_list("act", "actor")
        assert sorted(acts) == [("api_key.created", "anna"), ("api_key.expired", "anna")]
