"""The hosted pages in a real browser, as a customer without any account opens them."""

import pytest

from tests.browser.test_pages import _barriers, _keep, _open, _overflow
from tests.portal.test_hosted_invoice import give_terms, hosted

LOOKS = [
    (1024, 800, "light", "de"),
    (1024, 800, "dark", "en"),
    (390, 844, "light", "en"),
    (390, 844, "dark", "de"),
]
IDS = [f"{width}-{theme}-{language}" for width, _, theme, language in LOOKS]


@pytest.fixture(scope="module")
def addresses():
    account_id, _, link = hosted()
    give_terms(account_id)
    return {"hosted-invoice": link, "hosted-terms": f"{link}/terms", "hosted-nothing": "/p/nothing"}


@pytest.fixture(scope="module", params=LOOKS, ids=IDS)
def page(request, chromium):
    """A customer's window that runs no script of any page."""
    width, height, theme, language = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, locale=language
    )
    window = context.new_page()
    window.look = f"{width}-{theme}-{language}"
    yield window
    context.close()


@pytest.mark.parametrize("name", ["hosted-invoice", "hosted-terms", "hosted-nothing"])
def test_a_hosted_page_has_no_barrier_and_fits_its_window(page, site, axe, addresses, name):
    language = page.look.rpartition("-")[2]
    weight = _open(page, f"{site}{addresses[name]}?lang={language}")

    assert page.evaluate("document.documentElement.lang") == language
    assert _barriers(page, axe) == []
    assert _overflow(page) == 0, "the page is wider than its window"
    assert weight < 150_000
    _keep(page, name)
