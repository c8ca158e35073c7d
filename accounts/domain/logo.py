"""Which pictures may be a logo: judged by their own first bytes, never by what they are called."""

import struct
from dataclasses import dataclass

from kernel.errors import Invalid

BYTES_MAX = 512 * 1024
SIDE_MAX = 4000

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_JPEG_SIZES = frozenset({0xC0, 0xC1, 0xC2})
_NO_LENGTH = frozenset({0x01, 0xFF, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True)
class Picture:
    """What the bytes say of themselves."""

    mime: str
    width: int
    height: int


def logo(content: bytes) -> Picture:
    """PNG, JPEG or WebP of a reasonable size; `Invalid` for anything else, SVG among it."""
    if len(content) > BYTES_MAX:
        raise Invalid("logo_too_large", "A logo has at most {limit} KB.", field="logo", limit=512)
    found = _png(content) or _jpeg(content) or _webp(content)
    if found is None:
        raise Invalid("logo_unknown_format", "A logo is a PNG, JPEG or WebP file.", field="logo")
    if not (1 <= found.width <= SIDE_MAX and 1 <= found.height <= SIDE_MAX):
        raise Invalid(
            "logo_too_many_pixels",
            "A logo has at most {limit} pixels on each side.",
            field="logo",
            limit=SIDE_MAX,
        )
    return found


def _png(content: bytes) -> Picture | None:
    if not content.startswith(_PNG) or content[12:16] != b"IHDR" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return Picture("image/png", width, height)


def _jpeg(content: bytes) -> Picture | None:
    """Walks through the segments to the one that tells the size."""
    if not content.startswith(_JPEG):
        return None
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return Picture("image/jpeg", width, height)
        if marker in _NO_LENGTH:
            place += 1 if marker == 0xFF else 2
        else:
            place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return None


def _webp(content: bytes) -> Picture | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    kind = content[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(content[24:27], "little")
        height = 1 + int.from_bytes(content[27:30], "little")
    elif kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 ":
        width, height = (each & 0x3FFF for each in struct.unpack("<HH", content[26:30]))
    else:
        return None
    return Picture("image/webp", width, height)
