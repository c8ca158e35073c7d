"""Plans on the wire."""

import pytest

from catalog import queries
from foundation.tenancy import tenant
from tests.factories import make_customers, make_subscriptions
from tests.witness import nothing_changes

GOLD = {
    "handle": "gold",
    "name": "Gold",
    "amount": 2990,
    "schedule_type": "month_fixedday",
    "schedule_fixed_day": 15,
    "schedule_fixed_hour": 6,
    "base_month": 2,
    "interval_length": 3,
    "description": "Das Gute.",
    "vat": 0.07,
    "quantity": 2,
    "currency": "DKK",
    "partial_period_handling": "bill_full",
    "partial_proration_days": False,
    "fixed_trial_days": False,
    "minimum_prorated_amount": 100,
    "amount_incl_vat": False,
    "trial_interval_unit": "days",
    "trial_interval_length": 14,
}
PLAIN = {"handle": "plain", "name": "Plain", "amount": 990, "schedule_type": "month_startdate"}


def plain(api, **more):
    return api.post("/v1/plan", PLAIN | more).ok


def test_a_plan_is_answered_as_it_was_created(api):
    made = api.post("/v1/plan", GOLD).ok

    assert str(made["vat"]) == "0.07"
    assert {name: made[name] for name in GOLD if name != "vat"} == {
        name: each for name, each in GOLD.items() if name != "vat"
    }
    assert (made["version"], made["state"]) == (1, "active")
    assert made["created"] == "2026-01-15T12:00:00.000+00:00"
    assert api.get("/v1/plan/gold/current").ok == made
    assert api.get("/v1/plan/gold").ok == [made]


def test_what_is_left_out_is_as_the_reference_says(api):
    assert plain(api) == {
        **PLAIN,
        "version": 1,
        "state": "active",
        "currency": "EUR",
        "created": "2026-01-15T12:00:00.000+00:00",
        "quantity": 1,
        "interval_length": 1,
        "schedule_fixed_hour": 0,
        "partial_period_handling": "bill_prorated",
        "partial_proration_days": True,
        "fixed_trial_days": True,
        "minimum_prorated_amount": 0,
        "amount_incl_vat": True,
    }


def test_a_superseded_version_stays_and_its_subscriptions_with_it(api):
    first = plain(api)
    with tenant(api.account_id) as account:
        make_customers(account, "anna")
        make_subscriptions(account, "anna", plan="plain")

    second = api.post("/v1/plan/plain", PLAIN | {"amount": 1490, "name": "More"}).ok

    assert (second["version"], second["state"], second["amount"]) == (2, "active", 1490)
    assert api.get("/v1/plan/plain/current").ok == second
    assert api.get("/v1/plan/plain").ok == [second, first | {"state": "superseded"}]
    assert api.get("/v1/plan/plain/1").ok == first | {"state": "superseded"}
    with tenant(api.account_id) as account:
        from subscriptions.queries import by_handle

        kept = by_handle(account, "anna").plan_version_id
        assert queries.terms_of(account, [kept])[kept].unit_minor == 990


def test_another_price_is_another_version_and_the_same_one_is_none(api):
    plain(api)

    assert api.put("/v1/plan/plain/amount", {"amount": 1190}).ok["version"] == 2
    with nothing_changes(api.account_id):
        assert api.put("/v1/plan/plain/amount", {"amount": 1190}).ok["version"] == 2


def test_an_update_keeps_price_and_rhythm(api):
    api.post("/v1/plan", GOLD)

    put = api.put("/v1/plan/gold", {"name": "Neu", "description": "Besser."}).ok

    assert (put["name"], put["description"], put["amount"]) == ("Neu", "Besser.", 2990)
    assert (put["schedule_fixed_day"], put["trial_interval_length"]) == (15, 14)
    assert (put["partial_period_handling"], "vat" in put) == ("bill_prorated", False)


def test_a_description_alone_makes_no_version(api):
    plain(api)

    assert api.put("/v1/plan/plain", {"name": "Plain", "description": "New."}).ok["version"] == 1


def test_a_deleted_plan_can_be_seen_and_put_back_but_not_changed(api):
    plain(api)

    gone = api.delete("/v1/plan/plain").ok

    assert (gone["state"], gone["deleted"]) == ("deleted", "2026-01-15T12:00:00.000+00:00")
    assert api.get("/v1/plan/plain/current").ok == gone
    with nothing_changes(api.account_id):
        assert api.put("/v1/plan/plain/amount", {"amount": 1}).refusal == (404, 10)
        assert api.delete("/v1/plan/plain").refusal == (404, 10)
    back = api.post("/v1/plan/plain/undelete").ok
    assert (back["state"], "deleted" in back) == ("active", False)
    assert api.post("/v1/plan/plain/undelete").refusal == (404, 10)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"setup_fee": 100}, 43),
        ({"fixed_count": 3}, 43),
        ({"notice_periods": 1}, 43),
        ({"include_zero_amount": True}, 43),
        ({"renewal_reminder_email_days": 3}, 43),
        ({"dunning_plan": "strict"}, 44),
        ({"tax_policy": "eu"}, 157),
        ({"entitlements": ["films"]}, 169),
    ],
)
def test_what_would_be_billed_otherwise_is_refused_and_never_passed_over(api, said, code):
    with nothing_changes(api.account_id):
        assert api.post("/v1/plan", PLAIN | said).refusal[1] == code


def test_what_asks_for_nothing_special_is_taken(api):
    harmless = {
        "setup_fee": 0,
        "setup_fee_handling": "first",
        "notice_periods": 0,
        "notice_periods_after_current": True,
        "fixation_periods": 0,
        "include_zero_amount": False,
        "entitlements": [],
        "prepaid": True,
        "tax_policy": None,
    }

    assert plain(api, **harmless)["version"] == 1


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"amount": -1}, (422, 1)),
        ({"amount": 9.5}, (422, 1)),
        ({"amount": True}, (422, 1)),
        ({"amount": "990"}, (422, 1)),
        ({"amount": None}, (422, 1)),
        ({"amount": 2**31}, (422, 1)),
        ({"name": ""}, (422, 1)),
        ({"name": " "}, (400, 1)),
        ({"handle": "a/b"}, (422, 1)),
        ({"schedule_type": "yearly"}, (422, 1)),
        ({"schedule_fixed_day": 3}, (400, 1)),
        ({"schedule_type": "month_fixedday"}, (400, 1)),
        ({"interval_length": 0}, (422, 1)),
        ({"vat": 1}, (400, 1)),
        ({"vat": 19}, (422, 1)),
        ({"vat": 0.1234567}, (422, 1)),
        ({"currency": "XXX"}, (400, 1)),
        ({"trial_interval_length": 3}, (422, 1)),
        ({"trial_interval_unit": "days"}, (422, 1)),
        ({"metadata": [1]}, (422, 1)),
    ],
)
def test_a_plan_that_cannot_be_right_is_not_made(api, said, refusal):
    with nothing_changes(api.account_id):
        assert api.post("/v1/plan", PLAIN | said).refusal == refusal


def test_a_handle_is_given_once(api):
    plain(api)

    with nothing_changes(api.account_id):
        assert api.post("/v1/plan", PLAIN).refusal == (400, 11)


def test_the_old_list_is_a_bare_array(api):
    plain(api)
    plain(api, handle="gone")
    api.delete("/v1/plan/gone")

    def handles(query):
        return [each["handle"] for each in api.get("/v1/plan", query).ok]

    assert handles({}) == handles({"only_active": "false"}) == ["gone", "plain"]
    assert handles({"only_active": "true"}) == handles({"only_active": "1"}) == ["plain"]
    assert api.get("/v1/plan", {"only_active": "perhaps"}).refusal == (422, 1)


def test_the_list_filters_by_what_a_plan_says(api):
    api.post("/v1/plan", GOLD)
    plain(api)

    def handles(**query):
        return [each["handle"] for each in api.get("/v1/list/plan", query).ok["content"]]

    assert handles() == ["plain", "gold"]
    assert handles(state=["active", "deleted"], schedule_type=["month_fixedday"]) == ["gold"]
    assert handles(amount=">=1000") == handles(amount="1000..3000") == ["gold"]
    assert handles(handles=["plain", "other"]) == handles(amount_incl_vat="true") == ["plain"]
    assert handles(currency=["EUR", "USD"]) == ["plain"]
    assert handles(state="superseded") == handles(dunning_plan_handle="x") == []
    assert api.get("/v1/list/plan", {"amount": "much"}).refusal == (422, 1)


def test_metadata_come_back_as_they_went_in(api):
    plain(api, metadata={"a": 1})

    assert api.get("/v1/plan/plain/metadata").ok == {"a": 1}
    assert api.put("/v1/plan/plain/metadata", {"b": [None]}).ok == {"b": [None]}
    assert api.delete("/v1/plan/plain/metadata").ok == {}
    assert api.get("/v1/plan/plain/metadata").ok == {}


def test_a_plan_of_another_account_is_as_unknown_as_none(api, stranger):
    plain(stranger, handle="theirs")
    ways = [
        ("GET", "/v1/plan/{}", None),
        ("GET", "/v1/plan/{}/current", None),
        ("GET", "/v1/plan/{}/1", None),
        ("POST", "/v1/plan/{}", PLAIN),
        ("PUT", "/v1/plan/{}", {"name": "mine"}),
        ("PUT", "/v1/plan/{}/amount", {"amount": 1}),
        ("DELETE", "/v1/plan/{}", None),
        ("POST", "/v1/plan/{}/undelete", None),
        ("GET", "/v1/plan/{}/metadata", None),
        ("PUT", "/v1/plan/{}/metadata", {"a": 1}),
        ("DELETE", "/v1/plan/{}/metadata", None),
    ]

    with nothing_changes(stranger.account_id), nothing_changes(api.account_id):
        for method, path, body in ways:
            foreign = api.call(method, path.format("theirs"), body)
            unknown = api.call(method, path.format("nobody"), body)
            assert foreign.refusal == unknown.refusal == (404, 10), path
            assert foreign.json["message"] == unknown.json["message"].replace("nobody", "theirs")
