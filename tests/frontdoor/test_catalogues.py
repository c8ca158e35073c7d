import gettext
from io import BytesIO

import pytest

from billing_platform.frontdoor import catalogues
from billing_platform.frontdoor.paths import CLONE


@pytest.mark.parametrize("source", catalogues.sources(CLONE), ids=str)
def test_the_compiled_translations_are_those_of_the_source(source):
    assert source.with_suffix(".mo").read_bytes() == catalogues.compiled(source.read_text()), (
        "run ./kontor messages"
    )


def test_a_compiled_catalogue_is_read_by_gettext():
    text = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "due"\n'
    catalogue = gettext.GNUTranslations(BytesIO(catalogues.compiled(text + 'msgstr "fällig"\n')))

    assert catalogue.gettext("due") == "fällig"
    assert catalogue.gettext("unknown") == "unknown"


def test_a_plural_is_refused_rather_than_lost():
    with pytest.raises(ValueError, match="msgid_plural"):
        catalogues.compiled('msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\n')
