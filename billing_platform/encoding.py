"""Requests that name an encoding: there is one, UTF-8."""

from collections.abc import Callable, Iterable
from email.errors import MessageError
from typing import Any

from django.utils.http import parse_header_parameters

Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]

UTF_8 = {"utf-8", "utf8"}
OTHER = "other"
UNREADABLE = f"application/octet-stream; charset={OTHER}"


def refuse_encodings(app: App) -> App:
    """Let no stranger choose what decodes addresses and forms.

    Python knows encodings that are none of text, and some that make half characters; Django asks
    whichever is named, before any of our code could refuse it. What names another than UTF-8
    arrives under a name that means nothing, and each face refuses it in its own words.
    """

    def named(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        if ";" in content_type:
            environ["CONTENT_TYPE"] = _harmless(content_type)
        return app(environ, start)

    return named


def _harmless(content_type: str) -> str:
    try:
        kind, parameters = parse_header_parameters(content_type)
    except (ValueError, LookupError, MessageError):
        return UNREADABLE
    if parameters.get("charset", "utf-8").lower() in UTF_8:
        return content_type
    return f"{kind}; charset={OTHER}"
