"""What nobody may see does not exist: one page, byte for byte, and headers that lock the rest."""

import pytest

from accounts.commands.api_keys import create_key
from accounts.commands.open_account import NewAccount, open_account
from accounts.commands.people import add_member, remove_member
from accounts.domain.details import Party, Terms
from accounts.models import Membership
from customers.commands.create import create
from customers.domain.details import Details, NewCustomer
from foundation import jobs
from foundation.tenancy import tenant
from kernel.clock import wall_now
from tests.dashboard.browser import admit, browser, log_in, make_user, path, signed_in_client
from tests.factories import NOON, make_account, make_plan
from tests.messaging.paid import claims, customer, mails, merchant, paid

NO_STYLE = ["<style", " style=", "onclick", "<script>", "javascript:"]


@pytest.fixture
def two():
    return make_account(), make_account()


def test_a_foreign_account_an_unknown_one_and_an_unknown_page_are_one_page(two):
    mine, foreign = two
    client = signed_in_client(mine)
    client.get(path(mine))
    answers = [
        client.get(address)
        for address in (
            path(foreign),
            path(foreign, "customers"),
            path(foreign, "settings"),
            "/a/nobody/nothing/",
            "/a/nobody/nothing/customers",
            path(mine, "logo/" + "0" * 64),
            path(mine, "nothing"),
            "/nothing",
        )
    ]

    assert {each.status_code for each in answers} == {404}
    assert len({each.content for each in answers}) == 1


def test_a_write_into_a_foreign_account_is_a_write_into_nothing(two):
    mine, foreign = two
    client = signed_in_client(mine)

    answer = client.post(path(foreign, "settings"), {"name": "Taken over"})
    assert (answer.status_code, answer.content) == (404, client.get("/nothing").content)


@pytest.mark.feature("F005")
def test_a_second_account_shows_nothing_of_the_first_one_and_the_switcher_only_ones_own():
    first = make_account()
    second = open_account(
        beside=first,
        new=NewAccount(
            handle="second", party=Party(name="Second GmbH", country="DE"), terms=Terms()
        ),
        now=NOON,
    )
    foreign = make_account()
    with tenant(first) as account:
        create(account=account, customers=[NewCustomer("premier-customer")], now=NOON)
        make_plan(account, "premier-plan")
        create_key(account=account, name="premier-key", actor="test", now=NOON)
    user = make_user()
    admit(user, first, second)
    client = browser()
    log_in(client, user)

    for place in ("customers", "plans", "keys"):
        assert f"premier-{place[:-1]}" in client.get(path(first, place)).content.decode()
        assert "premier" not in client.get(path(second, place)).content.decode()
    page = client.get(path(second)).content.decode()
    assert f'href="{path(first)}"' in page
    assert f'href="{path(second)}"' in page
    assert path(foreign) not in page


def test_a_place_that_was_taken_away_is_gone_with_the_next_click(two):
    mine, _ = two
    user = make_user()
    admit(user, mine)
    client = browser()
    log_in(client, user)
    assert client.get(path(mine)).status_code == 200
    other = make_user()
    admit(other, mine)
    with tenant(mine) as account:
        remove_member(account=account, user_id=user.id, actor="test", now=NOON)

    assert client.get(path(mine)).status_code == 404


def test_a_role_that_was_taken_away_is_gone_with_the_next_click(two):
    mine, _ = two
    user = make_user()
    admit(user, mine)
    admit(make_user(), mine)
    client = browser()
    log_in(client, user)
    assert "disabled" not in client.get(path(mine, "settings")).content.decode()
    with tenant(mine) as account:
        role = Membership.Role.READ_ONLY
        add_member(account=account, user_id=user.id, role=role, actor="test", now=NOON)

    assert "<fieldset disabled>" in client.get(path(mine, "settings")).content.decode()
    assert client.post(path(mine, "settings"), {"name": "X"}).status_code == 403


def test_nothing_is_written_while_somebody_moves_the_clock_of_the_account(two):
    mine, _ = two
    with tenant(mine) as account:
        jobs.take_lease(
            account=account, name=jobs.CLOCK_LEASE, owner="test", now=wall_now(), seconds=60
        )
    client = signed_in_client(mine)

    assert client.post(path(mine, "settings"), {"name": "Another"}).status_code in {409, 422}
    assert "Another" not in client.get(path(mine)).content.decode()


@pytest.mark.parametrize("rest", ["", "customers", "settings", "search?q=a", "nothing"])
def test_every_page_is_locked_against_strange_script_and_kept_by_nobody(two, rest):
    answer = signed_in_client(two[0]).get(path(two[0], rest))
    policy = answer["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in answer["Permissions-Policy"]
    assert not [each for each in NO_STYLE if each in answer.content.decode()]
    assert len(answer.content) < 100_000


def test_a_test_account_says_so_on_every_page_and_a_live_one_does_not():
    live, trial = make_account(is_live=True), make_account()
    band = "Test account: no money moves"

    assert band in signed_in_client(trial).get(path(trial)).content.decode()
    assert band not in signed_in_client(live).get(path(live)).content.decode()


@pytest.mark.parametrize(
    ("role", "sees_audit"), [("admin", True), ("finance", True), ("read_only", False)]
)
def test_the_navigation_shows_only_what_the_role_may_see(two, role, sees_audit):
    page = signed_in_client(two[0], role).get(path(two[0])).content.decode()

    assert ("Audit log" in page) is sees_audit


@pytest.mark.parametrize("page", ["customers", "subscriptions", "invoices", "plans"])
def test_a_name_that_cannot_be_stored_is_as_unknown_as_any_other(two, page):
    client = signed_in_client(two[0])

    for answer in (
        client.get(path(two[0], f"{page}/%00")),
        client.post(path(two[0], f"{page}/%00")),
    ):
        assert (answer.status_code, answer.content) == (404, client.get("/nothing").content)


def test_the_body_of_a_mail_that_cannot_be_made_is_not_there(two):
    account_id = merchant()
    customer(account_id, "c1", Details(email="nobody at all@"))
    paid(account_id, *claims(account_id, "inv-1", buyer="c1"))
    (mail,) = mails(account_id)
    client = signed_in_client(account_id)

    assert client.get(path(account_id, f"mail/{mail.id}")).status_code == 200
    for part in ("body", "files/1"):
        assert client.get(path(account_id, f"mail/{mail.id}/{part}")).status_code == 404
