"""Bodies of requests, read strictly: nothing that another reader could take for something else."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, RawPostDataException, UnreadablePostError

from foundation.wire.refusals import too_large, unreadable

BODY_BYTES_MAX = 1_048_576
DEPTH_MAX = 64


def body_of(request: HttpRequest, *, limit: int = BODY_BYTES_MAX) -> Any:
    """What the body says; an empty object where there is none.

    Raises `Invalid` for what is no JSON in UTF-8, and for names given twice, numbers that are
    none, text that cannot be stored, and more than `limit` bytes.
    """
    if _length(request) > limit:
        raise too_large(limit)
    try:
        raw = request.body
    except RequestDataTooBig as error:
        raise too_large(limit) from error
    except (UnreadablePostError, RawPostDataException) as error:
        raise unreadable("it broke off") from error
    if not raw.strip():
        return {}
    if len(raw) > limit:
        raise too_large(limit)
    _refuse_other_types(request.content_type or "", request.content_params or {})
    return parse(raw)


def query_of(request: HttpRequest) -> dict[str, list[str]]:
    """What the query says, each name with all of its values; raises `Invalid` for too much."""
    try:
        return dict(request.GET.lists())
    except TooManyFieldsSent as error:
        raise unreadable("its query has too many members") from error


def parse(raw: bytes) -> Any:
    """The JSON in `raw`; raises `Invalid` as `body_of`."""
    try:
        text = raw.decode()
        found = json.loads(
            text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_members
        )
    except UnicodeDecodeError as error:
        raise unreadable("it is not UTF-8") from error
    except RecursionError as error:
        raise unreadable("it is nested too deeply") from error
    except ValueError as error:
        raise unreadable("it is not JSON") from error
    _refuse_strange(found, DEPTH_MAX, has_escapes="\\u" in text)
    return found


def dump(answer: Any) -> bytes:
    """An answer as it goes over the wire."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _length(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or "0"
    if not (said.isascii() and said.isdigit() and len(said) < 20):
        raise unreadable("its length is no number")
    return int(said)


def _refuse_other_types(content_type: str, parameters: dict[str, str]) -> None:
    is_json = content_type in {"", "application/json", "text/json"} or content_type.endswith(
        "+json"
    )
    if not is_json:
        raise unreadable("its Content-Type is not application/json")
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise unreadable("its charset is not UTF-8")


def _no_number(word: str) -> NoReturn:
    raise unreadable(f"{word} is no number")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise unreadable("a name is given twice in one object")
    return found


def _refuse_strange(value: Any, depth: int, *, has_escapes: bool) -> None:
    """Half characters and NULs hide behind escapes alone."""
    if depth == 0:
        raise unreadable("it is nested too deeply")
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        for each in (*value, *inner) if has_escapes else inner:
            _refuse_strange(each, depth - 1, has_escapes=has_escapes)
    elif has_escapes and isinstance(value, str):
        _refuse_unstorable(value)


def _refuse_unstorable(text: str) -> None:
    if "\x00" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise unreadable("it holds characters that cannot be stored")
