"""The documentation for developers: every page there, in both languages, true to the server."""

import re
from functools import cache
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import translation
from django.utils.translation.template import templatize

from api.docs.facts import MAGIC
from api.docs.finder import TASKS
from api.docs.openapi import document
from api.docs.pages import PAGES
from api.docs.routes import served
from api.v1.codes import TEXTS
from billing_platform.frontdoor.catalogues import compiled, sources
from billing_platform.frontdoor.paths import CLONE
from payments.acquirer.cards import BRANDS
from payments.gateways.cards import card_of_test_token
from webhooks.domain.event_types import EVENT_TYPES

BYTES_MAX = 120_000
TEXT = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
MARKED = re.compile(rf"gettext\(u?({TEXT})|_\(({TEXT})\)")


@cache
def shown(path, language="en"):
    answer = Client(SERVER_NAME="localhost", headers={"Accept-Language": language}).get(path)
    assert answer.status_code == 200, path
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.content.decode()


def addresses():
    guide = [f"/docs/{'' if name == 'index' else name}" for name in PAGES]
    groups = [f"/docs/reference/{each['name']}" for each in document()["tags"]]
    objects = [f"/docs/reference/objects/{each}" for each in document()["components"]["schemas"]]
    return [*guide, *groups, "/docs/reference/objects", *objects]


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_answers_in_the_readers_language(language):
    for path in addresses():
        assert f'<html lang="{language}"' in shown(path, language), path
        assert len(shown(path, language)) < BYTES_MAX, path


def anchors(path):
    return set(re.findall(r'id="([^"]+)"', shown(path)))


def test_every_link_of_every_page_leads_somewhere():
    followed = set()
    for path in addresses():
        for link in re.findall(r'href="((?:/docs/|#)[^"]*)"', shown(path)):
            page, _, anchor = link.partition("#")
            if not page.endswith(".json"):
                assert not anchor or anchor in anchors(page or path), f"{path}: {link}"
                followed.add(page)

    assert followed > set(addresses())


def test_what_is_no_page_is_not_found():
    client = Client(SERVER_NAME="localhost")

    for path in (
        "/docs/index",
        "/docs/none",
        "/docs/reference/none",
        "/docs/reference/objects/none",
    ):
        expected = 200 if path == "/docs/index" else 404
        assert client.get(path).status_code == expected, path


def test_the_contents_name_every_resource_of_the_server():
    contents = shown("/docs/")

    for each in served():
        assert f'href="/docs/reference/{each.group}"' in contents


def test_every_operation_is_told_with_a_sample():
    for each in served():
        page = shown(f"/docs/reference/{each.group}")
        assert f"<code>{each.method} {each.path}</code>" in page


def test_every_task_leads_to_an_operation_of_the_server():
    ours = {each.name for each in served()}

    assert [call for task in TASKS for call in task.calls if call not in ours] == []


@pytest.mark.parametrize(
    ("language", "asked", "call"),
    [
        ("en", "cancel subscription", "POST /v1/subscription/{subscription}/cancel"),
        ("en", "STORE card", "POST /v1/payment_method"),
        ("en", "webhook_settings", "PUT /v1/account/webhook_settings"),
        ("de", "kündigen", "POST /v1/subscription/{subscription}/cancel"),
        ("de", "karte hinterlegen", "POST /v1/payment_method"),
    ],
)
def test_an_endpoint_is_found_by_what_one_wants_to_do(language, asked, call):
    found = shown(f"/docs/tasks?{urlencode({'q': asked})}", language)

    assert f"<code>{call}</code>" in found
    assert found.count('<th scope="row">') < len(TASKS) / 3


def test_a_search_for_nothing_known_says_so_and_shows_what_was_asked_as_text():
    found = shown("/docs/tasks?" + urlencode({"q": "<b>teleport</b>"}))

    assert "Nothing of that sort" in found
    assert "&lt;b&gt;teleport&lt;/b&gt;" in found


def test_the_pages_tell_the_numbers_of_the_code():
    with override_settings(API_LIMITS={"read": (25, 50, 10), "write": (10, 26, 11)}):
        answer = Client(SERVER_NAME="localhost").get("/docs/limits").content.decode()
    assert re.findall(r'<td class="end">(\d+)</td>', answer) == ["25", "50", "10", "10", "26", "11"]
    for code, text in TEXTS.items():
        escaped = text.replace("'", "&#x27;")
        assert f'<th scope="row">{code}</th><td class="wrap">{escaped}</td>' in shown(
            "/docs/errors"
        )
    for number in BRANDS:
        assert f"<code>{number}</code>" in shown("/docs/test-cards")
        card_of_test_token(f"ct_test_{number}_1239_123_ada")
    for name in EVENT_TYPES:
        assert f"<code>{name}</code>" in shown("/docs/webhooks")


def test_every_security_code_that_is_told_is_known_to_the_acquirer():
    from payments.acquirer import cards

    known = {*cards.STORING_FAILURES, *cards.FAILS_AT_PAYMENT, *cards.FAILS_BY_CHANCE, "888"}
    assert {each.code for each in MAGIC} == known


def test_every_word_of_the_pages_has_a_german_one():
    translated = (CLONE / "api" / "locale" / "de" / "LC_MESSAGES" / "django.po").read_text()
    marked = [
        *(templatize(each.read_text()) for each in CLONE.glob("templates/api/**/*.html")),
        *(each.read_text() for each in CLONE.glob("api/docs/*.py")),
    ]
    texts = {one or two for text in marked for one, two in MARKED.findall(text)}
    assert len(texts) > 100

    with translation.override("de"):
        for text in texts:
            said = eval(text)
            line = said.replace("\\", "\\\\").replace('"', '\\"')
            assert f'msgid "{line}"\n' in translated, said
    assert 'msgstr ""\n\n' not in translated.partition("\n\n")[2]


def test_the_catalogue_of_the_pages_is_compiled():
    (ours,) = [each for each in sources(CLONE) if each.is_relative_to(CLONE / "api")]

    assert ours.with_suffix(".mo").read_bytes() == compiled(ours.read_text())
    assert settings.LANGUAGE_CODE == "en"
