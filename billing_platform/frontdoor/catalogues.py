"""Translations: compiles each django.po into the django.mo that is kept beside it.

No gettext tools are needed; `./kontor test` says when the two differ.
"""

import ast
import struct
from collections.abc import Sequence
from pathlib import Path

from billing_platform.frontdoor.paths import CLONE
from billing_platform.frontdoor.say import answer

MAGIC = 0x950412DE
HEADER_BYTES = 28


def messages(_arguments: Sequence[str]) -> int:
    for source in sources(CLONE):
        source.with_suffix(".mo").write_bytes(compiled(source.read_text()))
        answer(f"compiled {source.relative_to(CLONE)}")
    return 0


def sources(clone: Path) -> list[Path]:
    return sorted(clone.glob("*/locale/*/LC_MESSAGES/django.po"))


def compiled(text: str) -> bytes:
    """The catalogue in gettext's binary form; entries without a translation are left out."""
    pairs = sorted((key.encode(), value.encode()) for key, value in entries(text) if value)
    keys = b"".join(key + b"\0" for key, _ in pairs)
    values = b"".join(value + b"\0" for _, value in pairs)
    tables = HEADER_BYTES + 16 * len(pairs)
    head = struct.pack(
        "<7I", MAGIC, 0, len(pairs), HEADER_BYTES, HEADER_BYTES + 8 * len(pairs), 0, tables
    )
    index = _table([key for key, _ in pairs], tables)
    index += _table([value for _, value in pairs], tables + len(keys))
    return head + index + keys + values


def _table(texts: Sequence[bytes], place: int) -> bytes:
    rows = b""
    for text in texts:
        rows += struct.pack("<2I", len(text), place)
        place += len(text) + 1
    return rows


def entries(text: str) -> list[tuple[str, str]]:
    """Plain entries only: a plural or a context would need more, and is refused."""
    found: list[list[str]] = []
    for line in text.splitlines():
        word, _, quoted = line.partition(" ")
        if word == "msgid":
            found.append([ast.literal_eval(quoted)])
        elif word == "msgstr":
            found[-1].append(ast.literal_eval(quoted))
        elif line.startswith('"'):
            found[-1][-1] += ast.literal_eval(line)
        elif line and not line.startswith("#"):
            raise ValueError(f"the catalogue has a line of an unknown kind: {line}")
    return [(entry[0], entry[1]) for entry in found]
