"""The door of every hosted page: the token in its address is the leave, and the only one."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from foundation import capabilities
from foundation.capabilities import Grant
from kernel.clock import wall_now
from kernel.errors import NotFound
from messaging.commands.receipt import PURPOSE
from messaging.domain.languages import LANGUAGES, language_of

POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    # The token stands in the address: no other site may learn it from ours.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Grant, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def hosted(page: Page[[str]]) -> View[[str]]:
    """A page that whoever has a token for an invoice may see.

    Unknown, expired, of another purpose, or without what was asked for: one answer, byte for byte.
    """

    @wraps(page)
    def view(request: HttpRequest, token: str) -> HttpResponse:
        grant = capabilities.resolve(token, purpose=PURPOSE, now=wall_now())
        try:
            response = page(request, grant, token) if grant else not_there(request)
        except NotFound:
            response = not_there(request)
        return closed(response)

    return require_safe(view)


def not_there(request: HttpRequest) -> HttpResponse:
    """What is not there for this reader, for whatever reason; in the language she asks for."""
    language = language_of(asked_language(request), translation.get_language() or "")
    with translation.override(language):
        values = {"language": language, "languages": languages(language)}
        response = render(request, "portal/not_there.html", values, status=404)
    response.headers["Content-Language"] = language
    return response


def closed(response: HttpResponse) -> HttpResponse:
    """Kept nowhere, found by nobody, framed by nobody; a page's own headers stand."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def asked_language(request: HttpRequest) -> str:
    """The language of `?lang=`, if we speak it."""
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else ""


def languages(current: str) -> list[dict[str, str | bool]]:
    """The languages that this page can be had in."""
    names = {"de": "Deutsch", "en": "English"}
    return [
        {"code": code, "name": names[code], "is_current": code == current} for code in LANGUAGES
    ]
