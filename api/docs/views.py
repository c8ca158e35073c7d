"""The pages of the documentation: public, the same for everybody, in the reader's language."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from api.docs import reference
from api.docs.facts import cards, codes, error_sample, event_sample, events, limits, magic_codes
from api.docs.finder import Found, find
from api.docs.openapi import document
from api.docs.pages import PAGES, Place, chapter, chapters, guide
from api.docs.quickstart import SHELL, program

PROGRAMS = ("quick_start_python", "receiver_python", "receiver_javascript", "receiver_php")
ASKED_CHARACTERS_MAX = 100


@require_safe
def page(request: HttpRequest, name: str = "index") -> HttpResponse:
    """A page of the guide."""
    if name not in PAGES:
        raise Http404
    return _shown(request, name.replace("-", "_"), name, _facts(request, name))


@require_safe
def group(request: HttpRequest, name: str) -> HttpResponse:
    """The calls of one resource."""
    if name not in reference.groups():
        raise Http404
    entries = reference.entries_of(name)
    return _shown(request, "group", name, {"group": chapter(name), "entries": entries})


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """Every object."""
    return _shown(request, "models", "models", {"models": reference.models()})


@require_safe
def model(request: HttpRequest, name: str) -> HttpResponse:
    """One object with its members."""
    if name not in reference.models():
        raise Http404
    return _shown(request, "model", "models", {"name": name, "model": reference.models()[name]})


@require_safe
def openapi(_: HttpRequest) -> JsonResponse:
    """The reference for programs."""
    return JsonResponse({**document(), "servers": [{"url": settings.PUBLIC_URL}]})


def _shown(request: HttpRequest, template: str, here: str, more: Mapping[str, Any]) -> HttpResponse:
    found = {"here": here, "pages": guide(), "groups": chapters(), **_everywhere(), **more}
    return render(request, f"api/docs/{template}.html", found)


def _everywhere() -> Mapping[str, Any]:
    return {
        "languages": settings.LANGUAGES,
        "quick_start": reverse("docs:page", args=["quick-start"]),
        "test_cards": reverse("docs:page", args=["test-cards"]),
        "webhooks": reverse("docs:page", args=["webhooks"]),
    }


def _facts(request: HttpRequest, name: str) -> Mapping[str, Any]:
    """What the page of this name shows besides its words."""
    tell = FACTS.get(name)
    return tell(request) if tell else {}


def _of_index(_: HttpRequest) -> Mapping[str, Any]:
    return {"tasks": reverse("docs:page", args=["tasks"])}


def _of_samples(_: HttpRequest) -> Mapping[str, Any]:
    return {
        "base": settings.PUBLIC_URL,
        "shell": SHELL,
        "programs": {each: program(each) for each in PROGRAMS},
        "events": events(),
        "event_sample": json.dumps(event_sample(), indent=2, ensure_ascii=False),
    }


def _of_errors(_: HttpRequest) -> Mapping[str, Any]:
    return {"codes": codes(), "error_sample": json.dumps(error_sample(), indent=2)}


def _of_limits(_: HttpRequest) -> Mapping[str, Any]:
    return {"limits": limits()}


def _of_test_cards(_: HttpRequest) -> Mapping[str, Any]:
    return {"cards": cards(), "magic": magic_codes()}


def _of_tasks(request: HttpRequest) -> Mapping[str, Any]:
    asked = request.GET.get("q", "")[:ASKED_CHARACTERS_MAX].strip()
    return {"q": asked, "tasks": _linked(find(asked))}


def _linked(found: list[Found]) -> list[Mapping[str, Any]]:
    return [{"text": each.text, "calls": [_link(call) for call in each.calls]} for each in found]


def _link(entry: reference.Entry) -> Place:
    address = reverse("docs:group", args=[entry.group])
    return Place(entry.anchor, f"{entry.method} {entry.path}", f"{address}#{entry.anchor}")


FACTS: Mapping[str, Callable[[HttpRequest], Mapping[str, Any]]] = {
    "index": _of_index,
    "quick-start": _of_samples,
    "webhooks": _of_samples,
    "errors": _of_errors,
    "limits": _of_limits,
    "test-cards": _of_test_cards,
    "tasks": _of_tasks,
}
