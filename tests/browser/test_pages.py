"""Every page in a real browser: no barrier that axe finds, nothing that breaks out of a phone.

Screenshots of every page stay in build/screenshots, to be looked at by a person.
"""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import SCREENSHOTS
from tests.dashboard.browser import PASSWORD, admit, make_user
from tests.dashboard.pages import addresses, furnished, routes_of_account

OUTSIDE = {"login": "/login", "status": "/status", "docs": "/docs/", "nowhere": "/nowhere"}
FILES = {"invoice_pdf", "mail_part", "logo", "mail_body"}
NAMES = sorted(set(routes_of_account()) - FILES)
LOOKS = [
    (1440, 900, "light", "en"),
    (1024, 768, "dark", "de"),
    (390, 844, "light", "de"),
]
IDS = [f"{width}-{theme}-{language}" for width, _, theme, language in LOOKS]
WEIGHT_MAX = 150_000


@pytest.fixture(scope="module")
def account_id(acquirer):
    return furnished()


@pytest.fixture(scope="module", params=LOOKS, ids=IDS)
def page(request, chromium, site, account_id):
    """A person's window, logged in, of one size, theme and language."""
    width, height, theme, language = request.param
    user = make_user(language=language)
    admit(user, account_id)
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, locale=language
    )
    window = context.new_page()
    window.look = f"{width}-{theme}-{language}"
    window.goto(f"{site}/login")
    window.fill("input[name=email]", user.email)
    window.fill("input[name=password]", PASSWORD)
    window.click("button.primary")
    window.wait_for_url("**/a/**")
    yield window
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_no_barrier_and_fits_its_window(page, site, account_id, axe, name):
    weight = _open(page, site + addresses(account_id)[name])

    assert _barriers(page, axe) == []
    assert _overflow(page) == 0, "the page is wider than its window"
    assert weight < WEIGHT_MAX
    _keep(page, name)


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_a_page_outside_has_no_barrier_and_fits_its_window(page, site, axe, name):
    _open(page, site + OUTSIDE[name])

    assert _barriers(page, axe) == []
    assert _overflow(page) == 0, "the page is wider than its window"
    _keep(page, name)


def _open(page, url: str) -> int:
    """Go there; returns how many bytes came. What the page complains of fails the test."""
    answers, wrong = [], []

    def came(answer):
        answers.append(answer)

    def failed(error):
        wrong.append(str(error))

    def said(line):
        if line.type == "error" and "404" not in line.text:
            wrong.append(line.text)

    listeners = {"response": came, "pageerror": failed, "console": said}
    for event, listener in listeners.items():
        page.on(event, listener)
    page.goto(url)
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    assert wrong == []
    return sum(map(_weight, answers))


def _weight(answer) -> int:
    """A body that the page has left behind already weighs nothing any more."""
    try:
        return len(answer.body()) if answer.ok else 0
    except Error:
        return 0


def _barriers(page, axe: str) -> list[str]:
    """What axe finds, each with its place. The script comes in beside the page's own policy."""
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{each['id']}: {each['help']}: {json.dumps(one['target'])} {one['failureSummary'][:300]}"
        for each in found
        for one in each["nodes"][:3]
    ]


def _overflow(page):
    return page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def _keep(page, name: str) -> None:
    folder = Path(SCREENSHOTS)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}-{page.look}.png", full_page=True)
