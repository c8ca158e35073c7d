"""Who may come in."""

import base64

import pytest

from accounts.commands.api_keys import create_key, expire_key
from accounts.queries import key_hash
from api.v1 import keys
from foundation.tenancy import tenant
from tests.factories import NOON
from tests.wire_client import Api, basic
from tests.witness import nothing_changes

WRONG = {
    "nothing": None,
    "another scheme": "Bearer priv_x",
    "no word": "Basic",
    "no base64": "Basic §§§",
    "broken base64": "Basic YQ=",
    "bytes of no text": "Basic " + base64.b64encode(b"\xff\xfe:").decode(),
    "no user": basic(""),
    "a user without end": basic("x" * 2000),
}


@pytest.mark.parametrize("header", WRONG.values(), ids=WRONG.keys())
def test_who_shows_no_key_is_asked_for_one(nobody, header):
    answer = nobody.raw("GET", "/v1/account", headers={"Authorization": header} if header else None)

    assert answer.refusal == (401, 6)
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("key", ["priv_test_0", "pub_test_0", "a\x00b", "schlüssel"])
def test_a_key_that_opens_nothing_is_refused(key):
    assert Api(key=key).get("/v1/account").refusal == (401, 3)


def test_the_password_does_not_matter(api):
    pair = base64.b64encode(f"{api.key}:anything".encode()).decode()

    answer = Api().raw("GET", "/v1/account", headers={"Authorization": f"basic {pair}"})

    assert answer.ok["id"] == api.account_id.hex


@pytest.mark.feature("F189")
def test_a_key_that_another_process_expired_opens_nothing_from_then_on(api):
    """This process still remembers it, and sees at the door that one was expired."""
    with tenant(api.account_id) as account:
        first = create_key(account=account, name="a", actor="test", now=NOON)
        second = create_key(account=account, name="b", actor="test", now=NOON)
    one, two = Api(key=first.key), Api(key=second.key)
    assert one.get("/v1/account").status == two.get("/v1/account").status == 200

    with tenant(api.account_id) as account:
        expire_key(account=account, key_id=first.id, actor="test", now=NOON)

    assert key_hash(first.key) in keys._remembered
    assert one.get("/v1/account").refusal == (401, 3)
    with nothing_changes(api.account_id):
        assert one.post("/v1/customer", {"handle": "x"}).refusal == (401, 3)
    for _ in range(2):
        assert two.get("/v1/account").status == 200


def test_an_operation_that_opens_doors_by_itself_asks_too(api):
    with tenant(api.account_id) as account:
        shown = create_key(account=account, name="a", actor="test", now=NOON)
    other = Api(key=shown.key)
    assert other.get("/v1/account").status == 200

    with tenant(api.account_id) as account:
        expire_key(account=account, key_id=shown.id, actor="test", now=NOON)

    body = {"customer_handle": "nobody", "source": "ct_test_4111111111111111_1239_123_x"}
    assert other.post("/v1/payment_method", body).refusal == (401, 3)


def test_a_key_is_remembered_for_a_while_and_then_asked_for_again(api, monkeypatch):
    api.get("/v1/account")
    before = keys._remembered[key_hash(api.key)]

    monkeypatch.setattr(keys, "monotonic", lambda: before.until)
    api.get("/v1/account")

    assert keys._remembered[key_hash(api.key)].until == before.until + keys.REMEMBERED_SECONDS


def test_a_key_that_opened_nothing_is_not_remembered(api):
    """What is created a moment later opens at once."""
    with tenant(api.account_id) as account:
        shown = create_key(account=account, name="x", actor="test", now=NOON)
        expire_key(account=account, key_id=shown.id, actor="test", now=NOON)

    assert Api(key=shown.key).get("/v1/account").refusal == (401, 3)
    assert key_hash(shown.key) not in keys._remembered


def test_no_more_keys_are_remembered_than_there_is_room_for(api, monkeypatch):
    monkeypatch.setattr(keys, "REMEMBERED_MAX", 2)
    for _ in range(4):
        Api(api.account_id).get("/v1/account")

    assert len(keys._remembered) == 2


def test_every_address_but_the_list_of_errors_asks_for_a_key(nobody):
    from api.v1.urls import urlpatterns
    from tests.api.v1.routes import methods_of, sample_of

    open_to_all = {
        f"{method} {sample_of(pattern)}"
        for pattern in urlpatterns
        for method in methods_of(pattern)
        if nobody.raw(method, f"/v1/{sample_of(pattern)}").status != 401
    }

    assert open_to_all == {"GET error_codes"}
