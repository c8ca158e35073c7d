"""Both forms of lists, shown on customers."""

from datetime import UTC, datetime, timedelta

import pytest

from customers.commands.create import create
from customers.domain.details import Details, NewCustomer
from foundation.tenancy import tenant

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
OLD, NEW = "/v1/customer", "/v1/list/customer"


@pytest.fixture
def crowd(api):
    """25 customers: c24 is the newest, of this noon; each is a day older than the next."""
    with tenant(api.account_id) as account:
        for number in range(25):
            details = Details(
                email=f"c{number}@example.com", first_name="Eva", last_name=f"N{number}"
            )
            create(
                account=account,
                customers=[NewCustomer(f"c{number}", details)],
                now=NOON - timedelta(days=24 - number),
            )
    return api


def handles(answer):
    return [each["handle"] for each in answer["content"]]


def names(*numbers):
    return [f"c{number}" for number in numbers]


def test_pages_follow_one_another_and_the_last_has_no_token(crowd):
    first = crowd.get(NEW).ok

    second = crowd.get(NEW, {"next_page_token": first["next_page_token"]}).ok

    assert (first["size"], first["count"], first["range"]) == (20, 20, "created")
    assert handles(first) == names(*range(24, 4, -1))
    assert handles(second) == names(4, 3, 2, 1, 0)
    assert "next_page_token" not in second
    assert (second["from"], second["to"]) == (first["from"], first["to"])


def test_the_usual_window_is_the_month_that_ends_now(crowd):
    answer = crowd.get(NEW).ok

    assert answer["from"] == "2025-12-15T12:00:00.001+00:00"
    assert answer["to"] == "2026-01-15T12:00:00.001+00:00"


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({"from": "2026-01-14"}, (24, 23)),
        ({"from": "1970-01-01", "to": "2025-12-24T12:00:00Z"}, (1, 0)),
        ({"from": "0001-01-01T00:00:00", "to": "2025-01-01"}, ()),
        ({"from": "20260114", "to": "20260115"}, (23,)),
        ({"from": "2026-01-13T13:00", "to": "2026-01-14T13:00:00"}, (22,)),
        ({"from": "2026-01-13T12:00:00Z", "to": "2026-01-14T12:00:00+00:00"}, (22,)),
        ({"to": "2026-01-15", "interval": "P2D"}, (23, 22)),
        ({"interval": "PT25H"}, (24, 23)),
        ({"interval": "P1W", "to": "2026-01-15"}, (23, 22, 21, 20, 19, 18, 17)),
        ({"from": "2030-01-01", "to": "2030-01-02"}, ()),
    ],
)
def test_a_window_begins_with_its_first_moment_and_ends_before_its_last(crowd, window, expected):
    """Moments without an offset are those of the account's zone, an hour before UTC."""
    assert handles(crowd.get(NEW, window).ok) == names(*expected)


def test_a_window_backwards_is_refused(crowd):
    assert crowd.get(NEW, {"from": "2026-02-01", "to": "2026-01-01"}).refusal == (400, 23)


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "yesterday"},
        {"from": "2026-02-30"},
        {"from": "1970-02-30"},
        {"from": "2200-01-01"},
        {"to": "1026-02-03"},
        {"interval": "P"},
        {"interval": "1 month"},
        {"interval": "P9999999D"},
        {"size": "9"},
        {"size": "101"},
        {"size": "many"},
        {"range": "birthday"},
        {"handle": ["a", "b"]},
        {"handle": "a\x00"},
        {"next_page_token": "x"},
        {"next_page_token": "x" * 3000},
    ],
)
def test_a_query_that_cannot_be_read_is_refused(crowd, wrong):
    assert crowd.get(NEW, wrong).refusal == (422, 1)


def test_a_token_belongs_to_its_parameters_and_its_account(crowd, stranger):
    token = crowd.get(NEW).ok["next_page_token"]

    other = {"next_page_token": token, "email_prefix": "c"}
    assert crowd.get(NEW, other).refusal == (422, 1)
    assert stranger.get(NEW, {"next_page_token": token}).refusal == (422, 1)
    assert crowd.get("/v1/list/plan", {"next_page_token": token}).refusal == (422, 1)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"handle": "c7"}, (7,)),
        ({"handle_prefix": "c2"}, (24, 23, 22, 21, 20, 2)),
        ({"handle_contains": "C1", "size": "10"}, (19, 18, 17, 16, 15, 14, 13, 12, 11, 10)),
        ({"email": "c3@example.com"}, (3,)),
        ({"email_prefix": "c24@"}, (24,)),
        ({"last_name": "N5"}, (5,)),
        ({"name": "eva n24"}, (24,)),
        ({"debtor_id": "1"}, ()),
        ({"handle": "c7", "last_name": "N8"}, ()),
        ({"handle": ""}, tuple(range(24, 4, -1))),
        ({"unknown": "x", "handle": "c1"}, (1,)),
    ],
)
def test_filters_must_all_hold_and_unknown_ones_are_passed_over(crowd, asked, expected):
    assert handles(crowd.get(NEW, asked).ok) == names(*expected)


def test_a_list_shows_nothing_of_another_account(crowd, stranger):
    assert stranger.get(NEW).ok["content"] == []
    assert stranger.get(OLD).ok["total_elements"] == 0


def test_what_is_deleted_is_in_no_list(crowd):
    crowd.delete("/v1/customer/c24")

    assert handles(crowd.get(NEW).ok)[0] == "c23"
    assert crowd.get(OLD).ok["total_elements"] == 24


def test_the_old_form_counts_pages(crowd):
    first = crowd.get(OLD, {"size": 10}).ok
    third = crowd.get(OLD, {"size": 10, "page": 3}).ok
    fourth = crowd.get(OLD, {"size": 10, "page": 4}).ok

    assert handles(first) == names(*range(24, 14, -1))
    assert handles(third) == names(4, 3, 2, 1, 0)
    assert {name: third[name] for name in third if name != "content"} == {
        "page": 3,
        "size": 10,
        "count": 5,
        "total_elements": 25,
        "total_pages": 3,
    }
    assert (fourth["count"], fourth["content"], fourth["total_elements"]) == (0, [], 25)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("handle:c7", (7,)),
        ("handle:c2* first_name:Eva", (24, 23, 22, 21, 20, 2)),
        ('name:"eva n24"', (24,)),
        ("handle:c7 AND last_name:N7", (7,)),
        ("handle:c7 last_name:N8", ()),
        ("created:>=2026-01-15", (24,)),
        ("created:[2026-01-13 TO 2026-01-15]", (23, 22)),
        ("created:2026-01-14", (23,)),
    ],
)
def test_the_old_form_searches(crowd, search, expected):
    answer = crowd.get(OLD, {"search": search}).ok

    assert (handles(answer), answer["total_elements"], answer["search"]) == (
        names(*expected),
        len(expected),
        search,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"search": "anna"},
        {"search": "shoe_size:4"},
        {"search": 'handle:"c7'},
        {"search": "handle:"},
        {"search": "created:soon"},
        {"search": "debtor_id:x"},
        {"sort": "shoe_size"},
        {"page": "2147483647"},
    ],
)
def test_a_search_that_makes_no_sense_has_an_error_of_its_own(crowd, wrong):
    assert crowd.get(OLD, wrong).refusal == (400, 50)


def test_the_old_form_sorts_either_way(crowd):
    def first(sort):
        return handles(crowd.get(OLD, {"sort": sort}).ok)[0]

    assert (first("created"), first("-created"), first("handle")) == ("c0", "c24", "c0")
