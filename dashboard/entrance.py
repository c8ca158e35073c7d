"""Log-in, log-out, the way to the last account, and a reader's habits."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.commands.log_in import prove_identity
from accounts.commands.prefer import THEMES, prefer
from accounts.domain.details import LANGUAGES
from accounts.queries import places_of
from dashboard.sessions import keep_in_browser, last_of, sign_in, sign_out, signed_in
from kernel.clock import wall_now
from kernel.errors import Refused


@never_cache
@require_safe
def entrance(request: HttpRequest) -> HttpResponse:
    """The home of the last account; who is nobody yet logs in first."""
    user = signed_in(request, wall_now())
    if user is None:
        return HttpResponseRedirect(reverse("dashboard:login"))
    place = last_of(request, places_of(user))
    if place is None:
        translation.activate(user.language)
        return render(request, "dashboard/no_account.html", {"user": user})
    return HttpResponseRedirect(reverse("dashboard:home", args=[place.subdomain, place.handle]))


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """One answer for a wrong password, a stranger and too many tries."""
    target = local_path(request.POST.get("next") or request.GET.get("next") or "")
    now = wall_now()
    if request.method != "POST":
        if signed_in(request, now) is not None:
            return HttpResponseRedirect(target)
        return render(request, "dashboard/log_in.html", {"next": target})
    email = request.POST.get("email", "").replace("\0", "")
    try:
        user = prove_identity(
            email=email,
            password=request.POST.get("password", ""),
            address=address_of(request),
            now=now,
        )
    except Refused as refusal:
        told = {"next": target, "email": email, "refusal": refusal}
        return render(request, "dashboard/log_in.html", told, status=422)
    sign_in(request, user, now)
    response = HttpResponseRedirect(target)
    keep_in_browser(request, response, settings.LANGUAGE_COOKIE_NAME, user.language)
    keep_in_browser(request, response, "theme", user.preferences.get("theme", "system"))
    return response


@never_cache
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    sign_out(request)
    return HttpResponseRedirect(reverse("dashboard:login"))


@never_cache
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Language and light or dark: kept for the person, and in the browser."""
    user = signed_in(request, wall_now())
    language, theme = request.POST.get("language"), request.POST.get("theme")
    response = HttpResponseRedirect(local_path(request.POST.get("next", "")))
    if language in LANGUAGES:
        keep_in_browser(request, response, settings.LANGUAGE_COOKIE_NAME, language)
        if user:
            prefer(user=user, language=language)
    if theme in THEMES:
        keep_in_browser(request, response, "theme", theme)
        if user:
            prefer(user=user, theme=theme)
    return response


def local_path(path: str) -> str:
    """The path if it leads to this very server, else the entrance."""
    is_path = path.startswith("/") and not path.startswith("//")
    is_local = is_path and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_local else reverse("dashboard:entrance")


def address_of(request: HttpRequest) -> str:
    """The network address of the asker; a forwarded one only from the proxy we stand behind."""
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = request.headers.get("X-Forwarded-For", "")
        return forwarded.rpartition(",")[2].strip()[:64]
    return cast("str", request.META.get("REMOTE_ADDR", ""))
