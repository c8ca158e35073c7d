"""Every page of an account: it opens, in both languages, and tells a stranger nothing."""

import re
from uuid import UUID, uuid4

import pytest

from foundation import tenancy
from tests.dashboard.browser import path, signed_in_client
from tests.dashboard.pages import (
    ARGUMENT,
    addresses,
    furnished,
    routes_of_account,
)
from tests.factories import make_account

FILES = {"invoice_pdf", "mail_part", "logo"}
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')


@pytest.fixture(scope="module")
def account_id(acquirer):
    return furnished()


@pytest.fixture(scope="module")
def admin(account_id):
    return signed_in_client(account_id)


def test_every_page_of_an_account_is_in_the_list_of_pages(account_id):
    # A logo is there only once somebody has put it there; its own tests have one.
    assert set(addresses(account_id)) == set(routes_of_account()) - {"logo"}


@pytest.mark.parametrize("name", sorted(set(routes_of_account()) - {"logo"}))
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_opens(account_id, name, language):
    client = signed_in_client(account_id, language=language)

    answer = client.get(addresses(account_id)[name])

    assert answer.status_code == 200, answer.content[:2000]


@pytest.mark.parametrize("name", sorted(n for n, r in routes_of_account().items() if ARGUMENT in r))
def test_an_object_of_another_account_looks_like_one_that_does_not_exist(
    account_id, admin, name, monkeypatch
):
    mine, theirs = make_account(), account_id
    client = signed_in_client(mine)
    foreign = _moved(addresses(theirs).get(name, "") or path(theirs, "logo/" + "a" * 64), mine)
    unknown = _unknown(name, mine)

    answers = [client.get(foreign), client.get(unknown)]
    monkeypatch.setattr(tenancy, "require", lambda account: None)
    answers += [client.get(foreign), client.get(unknown)]

    assert {each.status_code for each in answers} == {404}
    assert len({TOKEN.sub(b"", each.content) for each in answers}) == 1
    assert len({tuple(sorted(_lasting(each).items())) for each in answers}) == 1


@pytest.mark.parametrize("name", sorted(routes_of_account()))
def test_a_foreign_account_looks_like_one_that_does_not_exist(account_id, name):
    stranger = signed_in_client(make_account())
    address = addresses(account_id).get(name) or path(account_id, "logo/" + "a" * 64)
    nowhere = re.sub(r"^/a/[^/]+/[^/]+/", "/a/nobody/nothing/", address)

    answers = [stranger.get(address), stranger.get(nowhere)]

    assert {each.status_code for each in answers} == {404}
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("name", sorted(routes_of_account()))
def test_without_a_log_in_every_page_leads_to_it(account_id, name, client):
    address = addresses(account_id).get(name) or path(account_id, "logo/" + "a" * 64)

    answer = client.get(address, headers={"host": "127.0.0.1"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login?next=")


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("read_only", "journal"),
        ("read_only", "audit"),
        ("read_only", "api_keys"),
        ("finance", "webhook_settings"),
        ("operations", "journal"),
        ("developer", "journal"),
    ],
)
def test_a_page_beyond_the_role_is_refused(account_id, role, name):
    assert signed_in_client(account_id, role).get(addresses(account_id)[name]).status_code == 403


@pytest.mark.parametrize(
    ("role", "name", "form"),
    [
        ("read_only", "subscription", {"act": "cancel"}),
        ("finance", "subscription", {"act": "expire"}),
        ("read_only", "run", {"act": "pause"}),
        ("read_only", "parked", {"name": "first"}),
        ("finance", "delivery", {"act": "resend"}),
        ("operations", "api_keys", {"name": "mine"}),
        ("operations", "settings", {"name": "Mine"}),
    ],
)
def test_an_act_beyond_the_role_is_refused_and_changes_nothing(account_id, role, name, form):
    answer = signed_in_client(account_id, role).post(addresses(account_id)[name], form)

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["subscription", "run", "delivery"])
@pytest.mark.parametrize("form", [{}, {"act": ""}, {"act": "explode"}, {"act": "a\0b"}])
def test_an_unknown_act_is_refused(account_id, admin, name, form):
    assert admin.post(addresses(account_id)[name], form).status_code == 422


@pytest.mark.parametrize("name", ["", "nobody", "a\0b", "9" * 40, str(UUID(int=7)), "x" * 300])
def test_what_is_not_parked_cannot_be_released(account_id, admin, name):
    assert admin.post(path(account_id, "parked"), {"name": name}).status_code in {404, 422}


@pytest.mark.parametrize("query", ["after=x", "sort=-nothing", "size=7", "state=flying", "x=%00"])
@pytest.mark.parametrize("name", ["customers", "subscriptions", "invoices", "attempts", "mails"])
def test_an_address_that_makes_no_sense_shows_the_list(account_id, admin, name, query):
    answer = admin.get(f"{addresses(account_id)[name]}?{query}", follow=True)

    assert answer.status_code == 200


def test_cancel_take_back_and_expire_by_the_buttons(acquirer):
    account_id = furnished()
    client, address = signed_in_client(account_id), path(account_id, "subscriptions/second")

    seen = []
    for act in ("cancel", "uncancel", "expire"):
        assert client.post(address, {"act": act}).status_code == 302
        seen.append(client.get(address).content.decode())

    assert "Take back" in seen[0]
    assert "Take back" not in seen[1]
    assert "What you can do" not in seen[2]
    assert client.post(address, {"act": "expire"}).status_code == 422


def test_a_key_is_shown_once_and_opens_the_account_until_it_is_expired(account_id, admin):
    address = path(account_id, "keys")

    made = admin.post(address, {"name": "shop"}).content.decode()
    (key,) = set(re.findall(r"priv_test_[0-9a-f]{48}", made))
    later = admin.get(address).content.decode()
    key_id = re.findall(r'name="expire" value="([0-9a-f-]{36})"', later)[0]
    expired = admin.post(address, {"expire": key_id})

    assert key not in later
    assert expired.status_code == 302
    assert admin.post(address, {"expire": key_id}).status_code == 404


@pytest.mark.parametrize("name", ["", "  "])
def test_a_key_needs_a_name(account_id, admin, name):
    assert admin.post(path(account_id, "keys"), {"name": name}).status_code == 422


def _moved(address: str, to) -> str:
    rest = address.split("/", 4)[4]
    return path(to, rest)


def _unknown(name: str, account_id) -> str:
    route = routes_of_account()[name]
    filled = re.sub(r"<uuid:\w+>", str(uuid4()), route)
    filled = re.sub(r"<str:digest>", "b" * 64, filled)
    filled = re.sub(r"<str:\w+>", "nothing", filled)
    return path(account_id, re.sub(r"<int:\w+>", "1", filled))


def _lasting(answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "Content-Length"}
