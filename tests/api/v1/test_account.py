"""The account on the wire, and its keys."""

from accounts.commands.change_details import change_party
from accounts.domain.details import Party
from foundation.tenancy import tenant
from tests.factories import NOON, make_account
from tests.wire_client import Api
from tests.witness import nothing_changes

CHANGED = {
    "handle": "main",
    "name": "Neu GmbH",
    "locale": "en_GB",
    "timezone": "Europe/Copenhagen",
    "country": "DK",
    "default_vat": 0.25,
    "currency": "DKK",
    "city": "Aarhus",
    "vat": "DK13585628",
    "subscription_invoice_prefix": "NEU",
}


def test_the_account_answers_for_its_own_key(api):
    answer = api.get("/v1/account").ok

    assert answer == {
        "handle": "main",
        "currency": "EUR",
        "name": "Muster GmbH",
        "locale": "de_DE",
        "timezone": "Europe/Berlin",
        "country": "DE",
        "id": api.account_id.hex,
        "organisation": answer["organisation"],
        "created": "2026-01-15T12:00:00.000+00:00",
        "state": "test",
        "default_vat": answer["default_vat"],
        "city": "Berlin",
        "subscription_invoice_prefix": "INV",
    }
    assert str(answer["default_vat"]) == "0.19"


def test_what_is_put_is_what_is_answered_then(api):
    put = api.put("/v1/account", CHANGED).ok

    assert put == api.get("/v1/account").ok
    assert str(put.pop("default_vat")) == "0.25"
    assert {name: put[name] for name in CHANGED if name != "default_vat"} == {
        name: each for name, each in CHANGED.items() if name != "default_vat"
    }


def test_what_the_wire_does_not_know_of_the_merchant_stays(api):
    with tenant(api.account_id) as account:
        party = Party(name="Muster GmbH", country="DE", tax_number="29/815/08152")
        change_party(account=account, party=party, actor="test", now=NOON)

    api.put("/v1/account", CHANGED)

    with tenant(api.account_id) as account:
        from accounts.queries import party as party_now

        assert (party_now(account).name, party_now(account).tax_number) == (
            "Neu GmbH",
            "29/815/08152",
        )


def test_what_cannot_be_right_changes_nothing(api):
    for wrong in (
        {"handle": "other"},
        {"locale": "xx_XX"},
        {"timezone": "Middle/Earth"},
        {"default_vat": 1},
        {"currency": "XXX"},
        {"country": "de"},
        {"vat": "DE1"},
    ):
        with nothing_changes(api.account_id):
            assert api.put("/v1/account", CHANGED | wrong).refusal == (400, 1), wrong


def test_the_currency_of_a_live_account_stays():
    api = Api(make_account(is_live=True))

    assert api.put("/v1/account", CHANGED).refusal == (400, 72)
    assert api.put("/v1/account", CHANGED | {"currency": "EUR"}).ok["currency"] == "EUR"


def test_a_key_is_shown_whole_once_and_masked_ever_after(api):
    made = api.post("/v1/account/privkey", {"label": "Shop"}).ok

    assert Api(key=made["key"]).get("/v1/account").ok["id"] == api.account_id.hex
    shown = {each["id"]: each for each in api.get("/v1/account/privkey_masked").ok}
    assert shown[made["id"]]["label"] == "Shop"
    assert shown[made["id"]]["key"] == f"{made['key'][:10]}…{made['key'][-4:]}"
    assert api.get("/v1/account/privkey").ok == api.get("/v1/account/privkey_masked").ok


def test_a_key_with_groups_is_refused_as_there_are_none(api):
    assert api.post("/v1/account/privkey", {"groups": ["read"]}).refusal == (400, 58)


def test_an_expired_key_opens_nothing_from_then_on(api):
    for name in ("id", "key"):
        made = api.post("/v1/account/privkey").ok
        other = Api(key=made["key"])
        assert other.get("/v1/account").status == 200

        assert api.post(f"/v1/account/privkey/{made[name]}/expire").ok == {}

        assert other.get("/v1/account").refusal == (401, 3)
        assert api.post(f"/v1/account/privkey/{made[name]}/expire").refusal == (404, 51)


def test_a_key_of_another_account_cannot_be_expired(api, stranger):
    theirs = stranger.post("/v1/account/privkey").ok

    unknown = api.post("/v1/account/privkey/ffffffffffffffffffffffffffffffff/expire")
    foreign = api.post(f"/v1/account/privkey/{theirs['id']}/expire")

    assert foreign.refusal == unknown.refusal == (404, 51)
    assert foreign.json["message"] == unknown.json["message"]
    assert Api(key=theirs["key"]).get("/v1/account").status == 200


def test_the_terms_of_service_are_kept_as_plain_text(api):
    assert api.get("/v1/account/terms").ok == {"content": ""}

    assert api.post("/v1/account/terms", {"content": " <b>Wir</b> liefern.\r\n"}).ok == {
        "content": "<b>Wir</b> liefern."
    }
    assert api.get("/v1/account/terms").ok == {"content": "<b>Wir</b> liefern."}
    with nothing_changes(api.account_id):
        assert api.post("/v1/account/terms", {}).refusal == (422, 1)
