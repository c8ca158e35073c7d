"""A document's file: made at the first wish, stored once, waiting where it cannot be made."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, InternalError
from pypdf import PdfReader

from foundation import faultpoint, files
from foundation.models import DueItem, Parked
from foundation.renderer import press as renderer
from foundation.renderer.press import Press
from foundation.tenancy import tenant
from invoicing.commands import render
from invoicing.domain.rendering import Pdf, RenderState, Waiting
from invoicing.models import Rendering
from invoicing.queries.documents import rendering_of
from kernel.clock import wall_now
from kernel.errors import NotFound
from kernel.ids import new_id
from payments.commands import documents
from tests.factories import give_card
from tests.invoicing.papers import item, merchant, needs_pango, pages, printed, want, written
from tests.witness import at_once


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "FILES", str(tmp_path / "files"))
    yield tmp_path / "files"
    faultpoint.arm("")


@pytest.fixture
def presses(monkeypatch):
    """Lets this process print by other renderers, and ends them."""
    started = []

    def use(**options):
        own = Press(**options)
        started.append(own)
        monkeypatch.setattr(render, "press", lambda: own)
        return own

    yield use
    for each in started:
        each.stop()


@pytest.fixture
def paper():
    account_id = merchant()
    return account_id, written(account_id)


def stands(account_id, facts):
    with tenant(account_id) as account:
        return rendering_of(account, facts.id)


def stored(folder):
    return [each for each in folder.rglob("*") if each.is_file()]


def without_pango(tmp_path, presses):
    """A renderer on whose machine the import of the layout engine fails as it does there."""
    (tmp_path / "weasyprint.py").write_text(
        "raise OSError(\"cannot load library 'libpango-1.0-0'\\nAdditionally, ctypes failed\")\n"
    )
    return presses(environment={"PYTHONPATH": str(tmp_path)})


def test_issuing_makes_no_row_and_no_file(paper, folder):
    account_id, facts = paper

    assert stands(account_id, facts) is None
    assert stored(folder) == []
    assert not DueItem.objects.filter(account_id=account_id, kind="render").exists()


@needs_pango
@pytest.mark.feature("F122")
def test_the_first_look_makes_the_file_and_the_second_reads_it(paper, folder, monkeypatch):
    account_id, facts = paper

    first = documents.pdf_of(account_id, facts.id, now=wall_now())
    monkeypatch.setattr(render, "press", lambda: pytest.fail("printed a second time"))
    second = documents.pdf_of(account_id, facts.id, now=wall_now())

    assert isinstance(first, Pdf)
    assert first == second
    assert [each.name for each in stored(folder)] == [first.digest]
    assert stands(account_id, facts).state is RenderState.READY


@needs_pango
def test_a_mail_s_wish_is_worked_off_by_the_task(paper):
    account_id, facts = paper
    with tenant(account_id) as account:
        documents.ask_for_pdf(account=account, document_id=facts.id, now=wall_now())
        documents.ask_for_pdf(account=account, document_id=facts.id, now=wall_now())
    assert DueItem.objects.filter(account_id=account_id, kind="render").count() == 1

    assert render.render_due(account_id, limit=5) is False

    assert stands(account_id, facts).state is RenderState.READY
    assert not DueItem.objects.filter(account_id=account_id, kind="render").exists()


@needs_pango
def test_printing_again_gives_the_same_bytes_even_in_a_fresh_renderer(paper, presses):
    account_id, facts = paper
    first = printed(account_id, facts)

    with tenant(account_id) as account:
        outcome = []
        for _ in range(2):
            presses()
            outcome.append(render._file(account, facts, True))

    assert outcome == [first.digest, first.digest]


@needs_pango
def test_two_who_look_at_once_get_one_file(paper, folder):
    account_id, facts = paper

    made = at_once(
        lambda: documents.pdf_of(account_id, facts.id, now=wall_now()),
        lambda: documents.pdf_of(account_id, facts.id, now=wall_now()),
    )

    assert len({each.digest for each in made}) == 1
    assert len(stored(folder)) == 1
    with tenant(account_id) as account:
        assert Rendering.objects.of(account).count() == 1


@needs_pango
@pytest.mark.parametrize("place", ["invoicing.printed", "invoicing.filed"])
def test_a_process_killed_between_printing_and_recording_loses_and_doubles_nothing(
    paper, folder, place, superuser_url, database
):
    account_id, facts = paper
    want(account_id, facts)
    name = f"/{database}"
    urls = {
        each: os.environ[each].rsplit("/", 1)[0] + name
        for each in ("KONTOR_APP_DATABASE_URL", "KONTOR_OWNER_DATABASE_URL")
    }
    code = (
        "import django; django.setup()\n"
        "from invoicing.commands.render import render_due\n"
        f"from uuid import UUID; render_due(UUID('{account_id}'), limit=5)\n"
    )
    beside = {
        "DJANGO_SETTINGS_MODULE": "billing_platform.settings",
        "KONTOR_FAULTS": f"{place}:1:crash",
        "KONTOR_FILES": str(folder),
    }

    died = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | urls | beside,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr[-500:]
    assert stands(account_id, facts).state is RenderState.WAITING
    assert DueItem.objects.filter(account_id=account_id, kind="render").exists()
    render.render_due(account_id, limit=5)

    ready = stands(account_id, facts)
    assert (ready.state, ready.tries) == (RenderState.READY, 0)
    assert [each.name for each in stored(folder)] == [ready.digest]


def test_without_pango_the_file_waits_with_the_reason_and_comes_later(
    paper, tmp_path, monkeypatch, presses
):
    account_id, facts = paper
    missing = without_pango(tmp_path, presses)
    now = wall_now()

    waiting = documents.pdf_of(account_id, facts.id, now=now)

    assert isinstance(waiting, Waiting)
    assert not waiting.is_parked
    assert "./kontor doctor" in waiting.sentence
    assert "cannot load library 'libpango-1.0-0'" in waiting.sentence
    rendering = stands(account_id, facts)
    assert (rendering.state, rendering.tries) == (RenderState.WAITING, 0)
    assert rendering.next_at == now + timedelta(minutes=5)
    monkeypatch.setattr(missing, "pdf", lambda *_, **__: pytest.fail("asked again too soon"))
    assert documents.pdf_of(account_id, facts.id, now=now + timedelta(minutes=4)) == waiting
    with tenant(account_id) as account:
        assert "Rechnungsbetrag" in documents.html_of(account=account, document_id=facts.id)


@needs_pango
def test_once_pango_is_there_the_waiting_file_is_made(paper, tmp_path, presses):
    account_id, facts = paper
    without_pango(tmp_path, presses)
    documents.pdf_of(account_id, facts.id, now=wall_now())
    presses()

    made = documents.pdf_of(account_id, facts.id, now=wall_now() + timedelta(minutes=6))

    assert isinstance(made, Pdf)
    assert stands(account_id, facts).failure == ""


def broken(monkeypatch):
    def pdf(*_, **__):
        raise renderer.RenderingFailed("it took more than 20 s")

    own = Press()
    monkeypatch.setattr(own, "pdf", pdf)
    monkeypatch.setattr(render, "press", lambda: own)


def test_a_document_that_cannot_be_printed_is_parked_at_the_third_try_alone(paper, monkeypatch):
    account_id, facts = paper
    other = written(account_id, handle="inv-2")
    broken(monkeypatch)
    now = wall_now()
    want(account_id, facts)
    want(account_id, other)

    found = [
        render.pdf_of(account_id, facts.id, now=now + timedelta(minutes=minutes))
        for minutes in (0, 2, 13)
    ]

    parked = [isinstance(each, Waiting) and each.is_parked for each in found]
    assert parked == [False, False, True]
    assert stands(account_id, facts).state is RenderState.PARKED
    assert stands(account_id, other).state is RenderState.WAITING
    with tenant(account_id) as account:
        (row,) = Parked.objects.of(account).filter(released_at=None)
    assert (row.kind, row.subject_id, row.code) == (
        "render",
        facts.id,
        "rendering_failed",
    )
    assert "more than 20 s" in row.sentence


@needs_pango
def test_a_person_s_release_prints_a_parked_document(paper, monkeypatch):
    account_id, facts = paper
    with monkeypatch.context() as patched:
        broken(patched)
        want(account_id, facts)
        for days in range(3):
            render.pdf_of(account_id, facts.id, now=wall_now() + timedelta(days=days))

    with tenant(account_id) as account:
        render.release(account=account, document_id=facts.id, by="anna", now=wall_now())
    render.render_due(account_id, limit=5)

    assert stands(account_id, facts).state is RenderState.READY
    with tenant(account_id) as account, pytest.raises(NotFound):
        render.release(account=account, document_id=facts.id, by="anna", now=wall_now())


@needs_pango
def test_a_stored_file_keeps_its_digest_and_its_row_whoever_asks(paper, owner):
    account_id, facts = paper
    made = printed(account_id, facts)
    other = "0" * 64

    for change in (
        f"SET digest = '{other}'",
        "SET digest = ''",
        "SET state = 'waiting', digest = ''",
        "SET asks_transfer = NOT asks_transfer",
    ):
        with pytest.raises(Exception, match=r"append-only|no way|rendering_ready"):
            owner.execute(
                f"UPDATE invoicing_rendering {change} WHERE account_id = %s", [account_id]
            )
    with pytest.raises(Exception, match="append-only"):
        owner.execute("DELETE FROM invoicing_rendering WHERE account_id = %s", [account_id])
    assert stands(account_id, facts).digest == made.digest


def test_ready_without_a_file_is_no_state_that_a_row_can_have(paper):
    account_id, facts = paper
    want(account_id, facts)

    with (
        pytest.raises((IntegrityError, InternalError), match="rendering_ready_has_file"),
        tenant(account_id) as account,
    ):
        Rendering.objects.of(account).update(state="ready")


def test_a_foreign_document_is_as_unknown_as_none_at_all(paper):
    _, facts = paper
    stranger = merchant()
    unknown = new_id()

    for asked in (facts.id, unknown):
        with pytest.raises(NotFound) as caught:
            documents.pdf_of(stranger, asked, now=wall_now())
        assert caught.value.sentence == f'There is no document "{asked}".'


@needs_pango
def test_a_customer_with_a_card_is_told_that_it_is_drawn(paper, acquirer):
    account_id, facts = paper
    give_card(account_id, facts.customer_id)

    made = documents.pdf_of(account_id, facts.id, now=wall_now())

    assert isinstance(made, Pdf)
    (text,) = pages(made.content)
    assert "Wir ziehen den Betrag über Ihr hinterlegtes Zahlungsmittel ein." in text


@needs_pango
def test_a_lost_file_is_said_to_be_lost_and_never_replaced_by_another(paper, folder):
    account_id, facts = paper
    made = printed(account_id, facts)
    (file,) = stored(folder)
    file.unlink()

    with pytest.raises(NotFound):
        documents.pdf_of(account_id, facts.id, now=wall_now())
    assert stands(account_id, facts).digest == made.digest


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "file": '<img src="file:///etc/passwd">',
    "attachment": '<link rel="attachment" href="file:///etc/passwd">',
    "breaking out": '"></bdi></td></table><style>*{display:none}</style>',
    "template": "{{ settings.SECRET_KEY }}{% debug %}{0.__class__}",
    "stylesheet": "} @page { background: url(file:///etc/passwd) } {",
    "entity": "&lt;b&gt;&#0;&#x1F600;",
    "emoji": "🦊 Fuchs 👩‍👩‍👧",
    "arabic": "شركة المثال",
}


@needs_pango
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_only_text(text):
    account_id = merchant(name=f"{text} GmbH", register_entry=text[:100])
    facts = written(account_id, item(text, 10000), company=text, address=text, city=text[:50])

    made = printed(account_id, facts)

    (page,) = pages(made.content)
    assert "119,00" in page
    if text.isascii():
        assert "Rechnungsbetrag 100,00 19,00 119,00" in page
        assert text.split()[0] in page
    assert harmless(made.content)


@needs_pango
def test_control_characters_and_huge_names_leave_the_amounts_where_they_are():
    name = "A\u202eB\u0007C\u200b\nD" + "W" * 200
    account_id = merchant()
    facts = written(account_id, item("W" * 255, 10000), company=name, last_name="X" * 255)

    made = printed(account_id, facts)

    page = " ".join(pages(made.content))
    assert "Rechnungsbetrag 100,00 19,00 119,00" in page
    assert "ABC D" in page.replace("ABCD", "ABC D")
    assert not set(page) & {"\u202e", "\u0007", "\u200b"}


def harmless(content):
    """The file holds nothing that acts, links, or came from somewhere else."""
    reader = PdfReader(BytesIO(content))
    names: set[str] = set()

    def walk(value, depth=0):
        value = value.get_object() if hasattr(value, "get_object") else value
        if depth < 8 and isinstance(value, dict):
            names.update(value.keys())
            for key, each in value.items():
                if key not in ("/Parent", "/P"):
                    walk(each, depth + 1)
        elif depth < 8 and isinstance(value, list):
            for each in value:
                walk(each, depth + 1)

    walk(reader.trailer["/Root"])
    acting = {"/JS", "/JavaScript", "/EmbeddedFiles", "/OpenAction", "/AA", "/URI", "/Launch"}
    return not names & acting and b"root:x:0" not in content


def test_files_of_one_account_are_out_of_reach_of_another(paper):
    account_id, facts = paper
    with tenant(account_id) as account:
        digest = files.put(account, b"one")
    with tenant(merchant()) as stranger, pytest.raises(NotFound):
        files.get(stranger, digest)
    assert facts.number
