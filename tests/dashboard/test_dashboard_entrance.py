"""Log-in and log-out: a new key for the browser, ends that come by themselves, local ways only."""

from datetime import timedelta

import pytest

from accounts.commands.log_in import set_password
from kernel.clock import wall_now
from tests.dashboard.browser import admit, browser, log_in, make_user, path, signed_in_client
from tests.factories import make_account


@pytest.fixture
def home():
    account_id = make_account()
    return account_id, path(account_id)


def test_whoever_is_nobody_is_sent_to_the_log_in_and_comes_back(home):
    account_id, address = home
    user = make_user()
    admit(user, account_id)
    client = browser()

    sent = client.get(f"{address}customers?size=50")
    assert sent.status_code == 302
    page = client.get(sent["Location"])
    assert f'value="{address}customers?size=50"' in page.content.decode()
    back = client.post(
        "/login",
        {"email": user.email, "password": "correct horse battery", "next": f"{address}customers"},
    )
    assert (back.status_code, back["Location"]) == (302, f"{address}customers")
    assert client.get(back["Location"]).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "",
    ],
)
def test_after_log_in_nobody_is_sent_anywhere_else(home, target):
    user = make_user()
    admit(user, home[0])
    client = browser()
    sent = client.post(
        "/login", {"email": user.email, "password": "correct horse battery", "next": target}
    )

    assert sent["Location"] == "/"
    assert client.get("/")["Location"] == home[1]


def test_log_in_gives_the_browser_another_key_and_log_out_takes_it_away(home):
    account_id, address = home
    user = make_user()
    admit(user, account_id)
    client = browser()
    client.get("/login")
    before = client.session.session_key
    log_in(client, user)
    key = client.session.session_key
    assert key is not None
    assert key != before

    assert client.get(address).status_code == 200
    client.post("/logout")
    stolen = browser()
    stolen.cookies["sessionid"] = key
    assert stolen.get(address).status_code == 302


def test_log_out_wants_a_deliberate_click(home):
    assert signed_in_client(home[0]).get("/logout").status_code == 405


def test_a_wrong_password_answers_as_a_stranger_does(home):
    user = make_user()
    wrong = browser().post("/login", {"email": user.email, "password": "wrong wrong wrong"})
    stranger = browser().post("/login", {"email": "nobody@example.org", "password": "wrong"})

    shown = [each.content.decode() for each in (wrong, stranger)]
    assert [each.status_code for each in (wrong, stranger)] == [422, 422]
    assert without_token(shown[0].replace(user.email, "X")) == without_token(
        shown[1].replace("nobody@example.org", "X")
    )


def without_token(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]


@pytest.mark.parametrize(
    ("since", "seen", "is_in"),
    [
        (timedelta(hours=11), timedelta(minutes=29), True),
        (timedelta(hours=11), timedelta(minutes=31), False),
        (timedelta(hours=13), timedelta(minutes=1), False),
    ],
)
def test_a_log_in_ends_after_half_an_hour_of_silence_and_after_twelve_hours(
    home, since, seen, is_in
):
    client = signed_in_client(home[0])
    session = client.session
    session["since"] = (wall_now() - since).isoformat()
    session["seen"] = (wall_now() - seen).isoformat()
    session.save()

    assert (client.get(home[1]).status_code == 200) is is_in


def test_another_password_ends_the_log_ins_of_the_old_one(home):
    user = make_user()
    admit(user, home[0])
    client = browser()
    log_in(client, user)
    set_password(user=user, password="another good password")

    assert client.get(home[1]).status_code == 302


def test_a_form_without_its_token_changes_nothing(home):
    user = make_user()
    client = browser()
    client.handler.enforce_csrf_checks = True

    assert log_in(client, user).status_code == 403
    assert "sessionid" not in client.cookies


def test_who_has_no_account_is_told_so():
    client = browser()
    log_in(client, make_user())

    assert "No account yet" in client.get("/").content.decode()


def test_language_and_look_are_kept_for_the_person_and_in_the_browser(home):
    client = signed_in_client(home[0])
    client.post("/preferences", {"language": "de", "theme": "dark", "next": home[1]})

    page = client.get(home[1]).content.decode()
    assert '<html lang="de" data-theme="dark">' in page
    client.post("/logout")
    assert '<html lang="de" data-theme="dark">' in client.get("/login").content.decode()


@pytest.mark.parametrize("asked", [{"language": "xx"}, {"theme": '"><script>'}, {}])
def test_a_preference_that_does_not_exist_changes_nothing(home, asked):
    client = signed_in_client(home[0])
    client.post("/preferences", {**asked, "next": home[1]})

    assert '<html lang="en">' in client.get(home[1]).content.decode()


def test_the_words_of_the_log_in_follow_the_browser():
    page = browser("de").get("/login").content.decode()

    assert '<html lang="de">' in page
    assert "Anmelden" in page
