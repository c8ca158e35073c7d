"""Programs need nothing of what pages need: no session, no cookies, no language, no forms."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve
from django.utils import translation

PREFIX = "/v1"


class StraightToTheApi:
    """Leads a request for the API past all that comes after; its views answer everything
    themselves, also what they do not know, and take no cookie for an authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not path.startswith(PREFIX) or path[len(PREFIX) : len(PREFIX) + 1] not in {"", "/"}:
            return self.get_response(request)
        # A thread keeps the language of the last person it served.
        translation.activate(settings.LANGUAGE_CODE)
        match = resolve(path)
        request.resolver_match = match
        answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return answer
