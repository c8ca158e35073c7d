"""Our side of the renderer: one warm process, killed and replaced when it misbehaves."""

import atexit
import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from foundation.renderer import frames
from kernel.errors import Upstream

CLONE = Path(__file__).resolve().parents[2]
SECONDS = 20
PAGES_MAX = 500
"""After so many pages the process is replaced: what it has not given back goes with it."""
PASSED_ON = ("PATH", "HOME", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "PYTHONPATH")
HOMEBREW = "/opt/homebrew/lib:/usr/local/lib"


class RendererMissing(Upstream):
    """The libraries that lay out text are not on this machine."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "renderer_missing",
            "PDF needs Pango, which is not on this machine: ./kontor doctor names the command. "
            "({reason})",
            reason=reason,
        )


class RendererBusy(Upstream):
    """Other pages are before this one, and they take long."""

    def __init__(self) -> None:
        super().__init__("renderer_busy", "The renderer is busy with other documents.")


class RenderingFailed(Upstream):
    """This page became no PDF: too long, too large, or more than the layout engine can take."""

    def __init__(self, reason: str) -> None:
        super().__init__("rendering_failed", "The page became no PDF: {reason}.", reason=reason)


class Press:
    """A renderer's process and the pipe to it; started at the first page, one page at a time."""

    def __init__(
        self, *, seconds: int = SECONDS, environment: Mapping[str, str] | None = None
    ) -> None:
        self._seconds = seconds
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._pages = 0
        self._turn = threading.Lock()

    def pdf(
        self, html: str, *, stylesheet: str, assets: Mapping[str, bytes] | None = None
    ) -> bytes:
        """The page as PDF, whose links may name `asset:NAME` and nothing else.

        Raises `RendererMissing`, `RendererBusy` and `RenderingFailed`; after each the next page
        has as good a chance as if nothing had been.
        """
        texts = {name: base64.b64encode(each).decode() for name, each in (assets or {}).items()}
        page = {"html": html, "stylesheet": stylesheet, "assets": texts}
        if not self._turn.acquire(timeout=self._seconds):
            raise RendererBusy
        try:
            return self._printed(json.dumps(page).encode())
        finally:
            self._turn.release()

    def stop(self) -> None:
        """End the process; the next page starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _printed(self, page: bytes) -> bytes:
        if self._process is None or self._process.poll() is not None or self._pages >= PAGES_MAX:
            self._start()
        self._pages += 1
        kind, content = self._asked(page)
        if kind != frames.PDF:
            self.stop()
            raise RenderingFailed(content.decode(errors="replace")[:500])
        return content

    def _start(self) -> None:
        self.stop()
        self._pages = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "foundation.renderer"],
            cwd=CLONE,
            env=_environment() | self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        kind, content = self._asked(None)
        if kind == frames.MISSING:
            self.stop()
            raise RendererMissing(content.decode(errors="replace")[:200])

    def _asked(self, page: bytes | None) -> tuple[bytes, bytes]:
        """The process's next answer; a process that is too slow is killed, and so answers none."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        is_late = threading.Event()
        limit = threading.Timer(self._seconds, _give_up, (process, is_late))
        limit.start()
        try:
            if page is not None:
                frames.write(process.stdin, frames.PAGE, page)
            return frames.read(process.stdout)
        except (frames.Cut, BrokenPipeError) as error:
            self.stop()
            late = f"it took more than {self._seconds} s"
            reason = late if is_late.is_set() else "the renderer died of it"
            raise RenderingFailed(reason) from error
        finally:
            limit.cancel()


def _give_up(process: "subprocess.Popen[bytes]", is_late: threading.Event) -> None:
    is_late.set()
    process.kill()


def _environment() -> dict[str, str]:
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    if sys.platform == "darwin":
        passed["DYLD_FALLBACK_LIBRARY_PATH"] = HOMEBREW
    return passed | {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}


_presses: dict[int, Press] = {}
_one = threading.Lock()


def press() -> Press:
    """This process's own renderer; a forked child does not talk into its parent's pipe."""
    with _one:
        own = _presses.get(os.getpid())
        if own is None:
            own = _presses[os.getpid()] = Press()
            atexit.register(own.stop)
        return own
