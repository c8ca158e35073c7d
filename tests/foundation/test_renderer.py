"""The renderer's process: gives PDF, reaches nothing, and is replaced when it misbehaves."""

import socket
import subprocess
import sys
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from foundation.renderer import frames
from foundation.renderer.press import (
    Press,
    RendererBusy,
    RendererMissing,
    RenderingFailed,
    press,
)
from tests.invoicing.papers import needs_pango, pages

CLONE = Path(__file__).parents[2]
PIXEL = (
    b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text y='8'>LOGO</text></svg>"
)
ENDLESS = "<table>" + "<tr><td>x</td></tr>" * 20_000 + "</table>"


@pytest.fixture
def own():
    started = []

    def start(**options):
        started.append(Press(**options))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def text_of(content):
    return " ".join(pages(content))


@needs_pango
def test_a_page_becomes_a_pdf_and_the_process_stays_warm(own):
    warm = own()

    first = warm.pdf("<p>Grüße</p>", stylesheet="@page { size: A5 }")
    process = warm._process
    second = warm.pdf("<p>Grüße</p>", stylesheet="@page { size: A5 }")

    assert first == second
    assert text_of(first) == "Grüße"
    assert warm._process is process
    width = PdfReader(BytesIO(first)).pages[0].mediabox.width
    assert 419 < width < 421


@needs_pango
def test_an_asset_of_the_page_is_shown_and_no_other_can_be(own):
    html = '<img src="asset:logo"><img src="asset:other">'

    content = own().pdf(html, stylesheet="", assets={"logo": PIXEL})

    assert text_of(content) == "LOGO"


@needs_pango
def test_no_address_is_called_and_no_file_read(own, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    port = listener.getsockname()[1]
    addresses = (f"http://127.0.0.1:{port}/x", f"file://{secret}", str(secret), "data:text/plain,x")
    html = "".join(
        f'<link rel="stylesheet" href="{each}"><link rel="attachment" href="{each}">'
        f'<img src="{each}"><object data="{each}"></object><embed src="{each}">'
        f'<p style="background: url({each})">x</p>'
        f"<style>@import url({each});</style>"
        f'<svg><image href="{each}"/><use href="{each}"/></svg>'
        for each in addresses
    )

    content = own().pdf(f"<base href='file:///'>{html}", stylesheet=f"@import url({addresses[0]});")

    with listener, pytest.raises(TimeoutError):
        listener.accept()
    assert b"SECRET" not in content
    assert "SECRET" not in text_of(content)
    assert not PdfReader(BytesIO(content)).attachments


@needs_pango
def test_a_font_from_elsewhere_is_no_font(own):
    face = "@font-face { font-family: f; src: url(file:///usr/share/fonts/x.ttf) }"
    warm = own()

    with pytest.raises(RenderingFailed):
        warm.pdf("<p>x</p>", stylesheet=face)

    assert text_of(warm.pdf("<p>next</p>", stylesheet="")) == "next"


@pytest.mark.parametrize(
    "act",
    [
        "open('/etc/passwd')",
        "open('/tmp/renderer-was-here', 'w')",
        "__import__('os').open('/etc/passwd', 0)",
        "__import__('subprocess').run(['true'])",
        "__import__('os').system('true')",
        "__import__('os').remove('/tmp/renderer-was-here')",
        "__import__('socket').create_connection(('127.0.0.1', 9))",
    ],
)
def test_behind_the_wall_python_itself_refuses(act):
    code = (
        "import sys, os, socket, subprocess\n"
        "from foundation.renderer import __main__ as renderer\n"
        f"sys.addaudithook(renderer._no_way_out)\ntry: {act}\n"
        "except PermissionError as error: sys.exit(0 if 'renderer' in str(error) else 2)\n"
        "sys.exit(1)"
    )

    outcome = subprocess.run(
        [sys.executable, "-c", code], cwd=CLONE, capture_output=True, check=False
    )

    assert outcome.returncode == 0, outcome.stderr


@needs_pango
def test_the_process_has_the_limits_it_says(own):
    warm = own()
    warm.pdf("<p>x</p>", stylesheet="")

    limits = Path(f"/proc/{warm._process.pid}/limits")
    if not limits.exists():
        pytest.skip("limits are read from /proc, which is not here")

    said = {line[:25].strip(): line[26:].split()[0] for line in limits.read_text().splitlines()}
    assert said["Max address space"] == str(512 * 1024 * 1024)
    assert said["Max file size"] == "0"


@needs_pango
def test_a_page_that_takes_too_long_ends_its_process_and_the_next_is_printed(own):
    slow = own(seconds=5)
    slow.pdf("<p>warm</p>", stylesheet="")
    process = slow._process

    begun = time.monotonic()
    with pytest.raises(RenderingFailed, match="more than 5 s"):
        slow.pdf(ENDLESS, stylesheet="")

    assert time.monotonic() - begun < 9
    assert process.poll() is not None
    assert text_of(slow.pdf("<p>next</p>", stylesheet="")) == "next"


@needs_pango
def test_a_page_that_wants_too_much_memory_fails_alone(own):
    greedy = own()
    html = "<p>" + "word " * 12_000_000

    with pytest.raises(RenderingFailed, match=r"MemoryError|died of it|more than"):
        greedy.pdf(html, stylesheet="")

    assert text_of(greedy.pdf("<p>next</p>", stylesheet="")) == "next"


@needs_pango
def test_a_process_that_was_killed_is_replaced(own):
    warm = own()
    warm.pdf("<p>x</p>", stylesheet="")
    warm._process.kill()
    warm._process.wait()

    assert text_of(warm.pdf("<p>next</p>", stylesheet="")) == "next"


@needs_pango
def test_after_many_pages_the_process_is_replaced(own, monkeypatch):
    monkeypatch.setattr("foundation.renderer.press.PAGES_MAX", 2)
    warm = own()
    processes = []
    for _ in range(3):
        warm.pdf("<p>x</p>", stylesheet="")
        processes.append(warm._process.pid)

    assert processes[0] == processes[1] != processes[2]


def test_without_pango_the_reason_is_told_and_no_process_stays(own, tmp_path):
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango')")
    missing = own(environment={"PYTHONPATH": str(tmp_path)})

    with pytest.raises(RendererMissing, match="cannot load library libpango"):
        missing.pdf("<p>x</p>", stylesheet="")

    assert missing._process is None


def test_who_waits_too_long_for_the_turn_is_told_that_it_is_busy(own):
    busy = own(seconds=1)
    busy._turn.acquire()

    with pytest.raises(RendererBusy):
        busy.pdf("<p>x</p>", stylesheet="")

    busy._turn.release()


@needs_pango
def test_threads_take_turns_and_each_gets_its_own_page(own):
    warm = own()
    found = {}

    def look(name):
        found[name] = text_of(warm.pdf(f"<p>{name}</p>", stylesheet=""))

    threads = [threading.Thread(target=look, args=(f"page{at}",)) for at in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert found == {f"page{at}": f"page{at}" for at in range(4)}


def test_this_process_has_one_renderer():
    assert press() is press()


@pytest.mark.parametrize("sent", [b"", b"P", b"P\0\0\0\x05ab", b"P\xff\xff\xff\xffab"])
def test_a_broken_frame_is_no_answer(sent):
    with pytest.raises(frames.Cut):
        frames.read(BytesIO(sent))
