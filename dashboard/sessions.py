"""A browser's log-in: its own key, an end after idleness, and an end after a working day."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse

from accounts.queries import Place

if TYPE_CHECKING:
    from accounts.models import User

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)
YEAR_SECONDS = 31_536_000

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_SINCE, _SEEN, _LAST, _SAID = "since", "seen", "last_account", "said"


def sign_in(request: HttpRequest, user: "User", now: datetime) -> None:
    """From here on the browser is this person's, under a key it did not have before."""
    login(request, user, backend=_BACKEND)
    request.session.clear_expired()
    request.session[_SINCE] = request.session[_SEEN] = now.isoformat()


def sign_out(request: HttpRequest) -> None:
    logout(request)


def signed_in(request: HttpRequest, now: datetime) -> "User | None":
    """The person behind the browser, unless she was idle or here for too long."""
    if not request.user.is_authenticated:
        return None
    since, seen = _noted(request, _SINCE), _noted(request, _SEEN)
    if since is None or seen is None or now - seen > IDLE or now - since > LONGEST:
        logout(request)
        return None
    if now - seen > NOTED_EVERY:
        request.session[_SEEN] = now.isoformat()
    return request.user


def _noted(request: HttpRequest, name: str) -> datetime | None:
    text = request.session.get(name)
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def remember(request: HttpRequest, place: Place) -> None:
    """The account that `/` leads to next time."""
    last = [place.subdomain, place.handle]
    if request.session.get(_LAST) != last:
        request.session[_LAST] = last


def last_of(request: HttpRequest, places: list[Place]) -> Place | None:
    """The account she was in last, if she may still enter it, else the first."""
    last = request.session.get(_LAST)
    known = [each for each in places if [each.subdomain, each.handle] == last]
    return next(iter(known or places), None)


def say(request: HttpRequest, text: str, *, tone: str = "good") -> None:
    """A sentence for the next page that this browser opens."""
    request.session[_SAID] = [*request.session.get(_SAID, []), [tone, str(text)]]


def said(request: HttpRequest) -> list[list[str]]:
    """What is to be said now; it is said once."""
    found: list[list[str]] = request.session.pop(_SAID, []) if _SAID in request.session else []
    return found


def keep_in_browser(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    """A habit that pages need before they know who looks: language, light or dark."""
    response.set_cookie(
        name, value, max_age=YEAR_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
