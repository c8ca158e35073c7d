"""What goes over the pipe: one byte of kind, four of length, then the content."""

from typing import IO

READY, MISSING, PAGE, PDF, FAILED = b"R", b"M", b"H", b"P", b"F"
HEAD_BYTES = 5
LARGEST_BYTES = 64 * 1024 * 1024


class Cut(OSError):
    """The other side is gone, or speaks another language."""


def write(pipe: IO[bytes], kind: bytes, content: bytes) -> None:
    """One frame, out of the buffer before this returns."""
    pipe.write(kind + len(content).to_bytes(4, "big") + content)
    pipe.flush()


def read(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    """The next frame's kind and content; raises `Cut` when there is none."""
    head = pipe.read(HEAD_BYTES)
    length = int.from_bytes(head[1:], "big")
    if len(head) != HEAD_BYTES or length > LARGEST_BYTES:
        raise Cut("no frame")
    content = pipe.read(length)
    if len(content) != length:
        raise Cut("half a frame")
    return head[:1], content
