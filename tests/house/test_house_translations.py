"""Every string that people see is there in German, and every German string is still needed."""

import ast
import re
from collections.abc import Iterator

import pytest

from billing_platform.frontdoor.catalogues import entries
from billing_platform.frontdoor.paths import CLONE
from tests.house.source import called, python, texts

CATALOGUES = {each.parts[-5]: each for each in CLONE.glob("*/locale/de/LC_MESSAGES/django.po")}
TAG = re.compile(r"""\{%\s*translate\s+(?P<q>["'])(?P<text>.*?)(?P=q)""", re.DOTALL)
BLOCK = re.compile(
    r"\{%\s*blocktranslate(?P<how>[^%]*)%\}(?P<text>.*?)\{%\s*endblocktranslate\s*%\}", re.DOTALL
)
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
GETTEXT = {"_", "gettext", "gettext_lazy", "translation.gettext", "N_"}


def in_template(text: str) -> Iterator[str]:
    for found in TAG.finditer(text):
        yield found["text"]
    for found in BLOCK.finditer(text):
        # Django doubles a percent sign of the text itself.
        inner = VARIABLE.sub(r"%(\1)s", found["text"].replace("%", "%%"))
        if "trimmed" in found["how"]:
            inner = " ".join(line.strip() for line in inner.strip().splitlines())
        yield inner


def in_python(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in GETTEXT and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def said(app: str) -> set[str]:
    """All that the app's templates and modules say."""
    found: set[str] = set()
    for source in texts():
        is_its_page = source.path.startswith(f"templates/{app}/")
        is_shared = app == "dashboard" and source.path == "templates/base.html"
        if is_its_page or is_shared:
            found |= set(in_template(source.text))
    for source in python():
        if source.app == app:
            found |= set(in_python(source.tree))
    return found


def known(app: str) -> dict[str, str]:
    return {key: value for key, value in entries(CATALOGUES[app].read_text()) if key}


@pytest.mark.parametrize("app", sorted(CATALOGUES))
def test_every_string_is_there_in_german(app):
    told = known(app)

    assert sorted(each for each in said(app) if not told.get(each)) == []


@pytest.mark.parametrize("app", sorted(CATALOGUES))
def test_placeholders_are_the_same_in_german(app):
    places = re.compile(r"%\(\w+\)s|\{\w+\}")

    assert [
        key
        for key, value in known(app).items()
        if sorted(set(places.findall(key))) != sorted(set(places.findall(value)))
    ] == []


def test_every_face_that_speaks_has_a_catalogue():
    speaking = {each.path.split("/")[1] for each in texts() if each.path.startswith("templates/")}

    assert {each for each in speaking if "." not in each} <= set(CATALOGUES)


def test_strings_are_found_where_they_stand():
    text = """{% translate "One" %}{% translate 'Two' as two %}
    {% blocktranslate trimmed with n=1 %}
      Three {{ n }}
      four
    {% endblocktranslate %}"""

    assert list(in_template(text)) == ["One", "Two", "Three %(n)s four"]
    assert set(in_python(ast.parse('_("a") + gettext_lazy("b") + _(c)'))) == {"a", "b"}
