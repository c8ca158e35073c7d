"""Customers are created all or none, once per handle."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers import queries
from customers.commands.create import create
from customers.domain.details import Details, NewCustomer
from customers.models import Customer, CustomerVersion
from foundation.models import OutboxEvent
from foundation.tenancy import tenant
from kernel.errors import Conflict, Invalid, NotFound
from tests.factories import NOON, make_account, make_customers
from tests.witness import at_once, refused

DETAILS = Details(
    first_name="Žofie",
    last_name="O'Brien",
    company="Käse & Söhne \\ GmbH",
    address="Straße 1\tHof",
    address2="",
    postal_code="1010",
    city="Wien",
    country="AT",
    vat_id="ATU13585627",
    email="z@example.com",
    phone="+43 1 1",
    language="de",
)


def test_customers_are_stored_in_order_with_their_first_version_and_a_fact_each():
    account_id = make_account()

    with tenant(account_id) as account:
        ids = create(
            account=account,
            customers=[NewCustomer("first", DETAILS), NewCustomer("second")],
            now=NOON,
        )

    with tenant(account_id) as account:
        assert [queries.by_handle(account, each).id for each in ("first", "second")] == ids
        version = queries.current_version(account, queries.by_handle(account, "first"))
        fields = Details.__dataclass_fields__
        assert {each: getattr(version, each) for each in fields} == {
            each: getattr(DETAILS, each) for each in fields
        }
        assert (version.number, version.customer_id, version.created_at) == (1, ids[0], NOON)
        events = OutboxEvent.objects.of(account).order_by("position")
        assert list(events.values_list("kind", "payload")) == [
            ("customer.created", {"customer_id": each.hex}) for each in ids
        ]


def test_a_thousand_customers_take_the_queries_of_one():
    account_id = make_account()

    def count(*handles):
        with CaptureQueriesContext(connection) as captured, tenant(account_id) as account:
            create(account=account, customers=[NewCustomer(each) for each in handles], now=NOON)
        return len(captured)

    count("before")
    assert count(*(f"c{n}" for n in range(1000))) == count("one")


def test_a_handle_in_use_is_refused_with_all_that_came_with_it():
    account_id = make_account()
    with tenant(account_id) as account:
        make_customers(account, "taken")

    with refused(account_id, Conflict, "handle_taken"), tenant(account_id) as account:
        make_customers(account, "new", "taken")


def test_a_handle_given_twice_is_refused():
    account_id = make_account()

    with refused(account_id, Conflict, "handle_taken"), tenant(account_id) as account:
        make_customers(account, "one", "two", "one")


def test_of_two_who_take_one_handle_at_once_the_second_is_refused_in_words():
    account_id = make_account()

    def take():
        with tenant(account_id) as account:
            return make_customers(account, "wanted")

    outcomes = at_once(take, take)

    (refusal,) = [each for each in outcomes if isinstance(each, Exception)]
    assert isinstance(refusal, Conflict)
    assert refusal.code == "handle_taken"
    with tenant(account_id) as account:
        assert Customer.objects.of(account).count() == 1
        assert CustomerVersion.objects.of(account).count() == 1


def test_two_accounts_may_use_the_same_handle_and_see_only_their_own():
    one, other = make_account(), make_account()
    with tenant(one) as account:
        (mine,) = make_customers(account, "shared")
    with tenant(other) as account:
        (theirs,) = make_customers(account, "shared")
        assert queries.by_handle(account, "shared").id == theirs != mine


def test_a_customer_of_another_account_is_as_unknown_as_none():
    one, other = make_account(), make_account()
    with tenant(one) as account:
        (foreign,) = make_customers(account, "theirs")

    with tenant(other) as account:
        for handle in ("theirs", "nobody"):
            with pytest.raises(NotFound) as unknown:
                queries.by_handle(account, handle)
            assert str(unknown.value) == f'There is no customer "{handle}".'
            with pytest.raises(NotFound):
                queries.ids_of(account, [handle])
        with pytest.raises(NotFound) as unknown:
            queries.refuse_unknown(account, [foreign])
        assert str(unknown.value) == f'There is no customer "{foreign}".'


def test_ids_come_for_all_handles_or_the_first_missing_one_is_named():
    account_id = make_account()
    with tenant(account_id) as account:
        one, two = make_customers(account, "one", "two")
        assert queries.ids_of(account, ["two", "one", "two"]) == {"one": one, "two": two}
        with pytest.raises(NotFound, match='"three"'):
            queries.ids_of(account, ["one", "three", "four"])


@pytest.mark.parametrize("handle", ["", "a b", "a\x00b", "\ud800", "ä", "h" * 256, "a\n"])
def test_what_can_be_no_handle_is_refused_where_it_is_given_and_where_it_is_sought(handle):
    account_id = make_account()

    with pytest.raises(Invalid) as refusal:
        NewCustomer(handle)
    assert refusal.value.code == "invalid_handle"
    with refused(account_id, Invalid, "invalid_handle"), tenant(account_id) as account:
        queries.by_handle(account, handle)


@pytest.mark.parametrize(
    ("details", "code", "field"),
    [
        ({"company": "a\x00b"}, "invalid_text", "company"),
        ({"last_name": "\ud800"}, "invalid_text", "last_name"),
        ({"city": "c" * 101}, "text_too_long", "city"),
        ({"postal_code": "1" * 21}, "text_too_long", "postal_code"),
        ({"language": "l" * 11}, "text_too_long", "language"),
        ({"company": "c" * 256}, "text_too_long", "company"),
        ({"country": "Germany"}, "unknown_country", "country"),
        ({"country": "de"}, "unknown_country", "country"),
        ({"email": "nobody"}, "invalid_email", "email"),
    ],
)
def test_details_that_cannot_be_are_refused_naming_the_field(details, code, field):
    with pytest.raises(Invalid) as refusal:
        Details(**details)

    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_text_as_long_as_its_column_is_stored_whole_whatever_its_script():
    account_id = make_account()
    longest = Details(company="字" * 255, city="ü" * 100, postal_code="1" * 20)

    with tenant(account_id) as account:
        create(account=account, customers=[NewCustomer("h" * 255, longest)], now=NOON)

    with tenant(account_id) as account:
        customer = queries.by_handle(account, "h" * 255)
        assert queries.current_version(account, customer).company == "字" * 255
        assert isinstance(customer.id, UUID)
