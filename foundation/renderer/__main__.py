"""The renderer's process: reads pages, answers PDF, and can do nothing else.

It lives as long as its pipe. The walls go up in two steps: memory, network and the size of files
at once, and, when the layout engine is loaded, every further way out of Python.
"""

import base64
import ctypes
import json
import os
import resource
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import IO, Any

from foundation.renderer import frames

MEMORY_BYTES = 512 * 1024 * 1024
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
REFUSED = ("socket.", "subprocess.", "os.", "shutil.", "ctypes.dlopen", "urllib.", "ftplib.")
CODE = (".py", ".pyc", ".so", ".dylib")
ENGINE = tuple(
    os.path.join(folder, package, "")  # noqa: PTH118
    for folder in sysconfig.get_paths().values()
    for package in ("weasyprint", "pyphen", "fontTools")
)


def main() -> None:
    """Serve until the pipe closes or a page fails: what that left behind goes with the process."""
    pages, answers = _pipes()
    _confine()
    try:
        from foundation.renderer.layout import Layout  # noqa: PLC0415
    except OSError as error:
        frames.write(answers, frames.MISSING, str(error).split("\n")[0].encode())
        return
    layout = Layout()
    sys.addaudithook(_no_way_out)
    frames.write(answers, frames.READY, b"")
    sys.excepthook = partial(_last_words, answers)
    for page in _each(pages):
        frames.write(answers, frames.PDF, layout.pdf(**page))


def _last_words(
    answers: IO[bytes], kind: type[BaseException], error: BaseException, _trace: object
) -> None:
    """Of what the process dies, told to whoever waits for the page."""
    frames.write(answers, frames.FAILED, f"{kind.__name__}: {error}".encode())


def _each(pages: IO[bytes]) -> Iterator[dict[str, Any]]:
    with suppress(frames.Cut):
        while True:
            page = json.loads(frames.read(pages)[1])
            assets: Mapping[str, str] = page["assets"]
            page["assets"] = {name: base64.b64decode(text) for name, text in assets.items()}
            yield page


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The two ends; whatever a library prints goes to standard error instead of among answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, answers


def _confine() -> None:
    """What the system knows to refuse it refuses; where it knows less, the rest must do."""
    for what, limit in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_FSIZE, 0)):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, limit))
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.unshare(NEW_NETWORK if os.geteuid() == 0 else NEW_USER | NEW_NETWORK)


def _no_way_out(event: str, arguments: tuple[Any, ...]) -> None:
    """Python asks here before it opens, connects or starts anything; fonts are read below it."""
    if event == "open":
        path, _mode, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR) or not _is_program(path):
            raise PermissionError("the renderer reads no files")
    elif event.startswith(REFUSED) and event != "os.listdir":
        raise PermissionError(f"the renderer does no {event}")


def _is_program(path: object) -> bool:
    """Code that is still to be loaded, and what the layout engine brings with it."""
    if not isinstance(path, str):
        return False
    return path.endswith(CODE) or os.path.abspath(path).startswith(ENGINE)  # noqa: PTH100


if __name__ == "__main__":
    main()
