"""The door of every page of an account: who is there, may she enter, what may she do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.functional import cached_property
from django.views import View

from accounts.domain.rights import Right, may
from accounts.models import Account, AccountVersion, User
from accounts.queries import Place, business_now, party, places_of
from dashboard.chips import Words
from dashboard.navigation import Link, address, links
from dashboard.refusals import told
from dashboard.sessions import remember, said, signed_in
from foundation import jobs, queries
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import Conflict, Invalid, KontorError, NotFound, Refused
from subscriptions.queries import open_run

Response = TypeVar("Response", bound=HttpResponseBase)
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page of an account."""

    place: Place
    party: AccountVersion
    places: list[Place]
    groups: list[tuple[Words, list[Link]]]
    parked_count: int
    run: Any

    @property
    def subdomain(self) -> str:
        return self.place.subdomain

    @property
    def handle(self) -> str:
        return self.place.handle

    @property
    def runs_url(self) -> str:
        return address(self.place, "runs")

    @property
    def parked_url(self) -> str:
        return address(self.place, "parked")


def not_found(
    request: HttpRequest,
    exception: Exception | None = None,  # noqa: ARG001
) -> HttpResponse:
    """The one answer for all that is not there for this reader, whatever the reason."""
    return _private(render(request, "dashboard/not_found.html", status=404))


def to_log_in(request: HttpRequest) -> HttpResponseRedirect:
    """Log in first, and come back to this page."""
    query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse('dashboard:login')}?{query}".rstrip("?"))


class AccountView(View):
    """A page of one account.

    `get` and `post` run inside the account's transaction with `account`, `user`, `place` and
    `now` (the account's business time) set. A refusal undoes all that the request wrote, and
    `refused` shows it in a transaction of its own. What is unknown and what is somebody else's
    give the same page, byte for byte. A view that is not `inside` opens its own transactions:
    it has `account` only to read from.
    """

    inside: ClassVar[bool] = True
    right: ClassVar[Right] = Right.SEE
    write_right: ClassVar[Right | None] = None
    here: ClassVar[str] = ""

    account: Account
    user: User
    place: Place
    places: list[Place]
    now: datetime

    def dispatch(
        self, request: HttpRequest, *args: Any, subdomain: str, account_handle: str, **kwargs: Any
    ) -> HttpResponseBase:
        user = signed_in(request, wall_now())
        if user is None:
            return to_log_in(request)
        self.user = user
        translation.activate(user.language)
        if "\0" in request.path:
            # No name holds one, and the database could not even compare it.
            return not_found(request)
        self.places = places_of(user)
        for place in self.places:
            if (place.subdomain, place.handle) == (subdomain, account_handle):
                self.place = place
                return _private(self._inside(request, *args, **kwargs))
        return not_found(request)

    def _inside(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        remember(request, self.place)
        try:
            with tenant(self.place.account_id) as account:
                self._enter(account)
                if not self.may(self._needed(request)):
                    return self.render("dashboard/forbidden.html", status=403)
                self._refuse_while_moved(request)
                if self.inside:
                    return super().dispatch(request, *args, **kwargs)
            return super().dispatch(request, *args, **kwargs)
        except NotFound:
            return not_found(request)
        except (Refused, Invalid, Conflict) as refusal:
            with tenant(self.place.account_id) as account:
                self._enter(account)
                return self.refused(request, refusal, *args, **kwargs)

    def refused(
        self, request: HttpRequest, refusal: KontorError, *_: Any, **__: Any
    ) -> HttpResponseBase:
        """What the reader sees when a command said no; forms show themselves again instead."""
        if request.method in SAFE_METHODS and isinstance(refusal, Invalid):
            return not_found(request)
        status = 409 if isinstance(refusal, Conflict) else 422
        return self.render("dashboard/refused.html", {"sentence": told(refusal)}, status=status)

    def may(self, right: Right | str) -> bool:
        """Whether the reader may do this here."""
        return may(self.place.role, Right(right))

    @property
    def actor(self) -> str:
        """Who the audit trail says did it."""
        return str(self.user.id)

    def url(self, name: str, *args: object) -> str:
        """The address of a page of this account."""
        return reverse(f"dashboard:{name}", args=[self.place.subdomain, self.place.handle, *args])

    def to(self, name: str, *args: object) -> HttpResponseRedirect:
        """After a write: go and look at it."""
        return HttpResponseRedirect(self.url(name, *args))

    def render(
        self, template: str, context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        """The page inside the frame of its account; a fragment for htmx needs no frame."""
        whole = {"account": self.account, "frame": self.frame, "user": self.user, "view": self}
        whole |= {"now": self.now, "said": said(self.request)} | (context or {})
        return render(self.request, template, whole, status=status)

    @cached_property
    def frame(self) -> Frame:
        return Frame(
            place=self.place,
            party=party(self.account),
            places=self.places,
            groups=links(self.place, self.here),
            parked_count=queries.parked_count(self.account),
            run=open_run(self.account),
        )

    def _enter(self, account: Account) -> None:
        self.__dict__.pop("frame", None)
        self.account = account
        self.now = business_now(account)

    def _needed(self, request: HttpRequest) -> Right:
        if request.method in SAFE_METHODS or self.write_right is None:
            return self.right
        return self.write_right

    def _refuse_while_moved(self, request: HttpRequest) -> None:
        """Raises `Conflict` for a write while somebody moves the account's clock."""
        if request.method not in SAFE_METHODS:
            jobs.refuse_while_leased(account=self.account, name=jobs.CLOCK_LEASE, now=wall_now())


def _private(response: Response) -> Response:
    response["Cache-Control"] = "no-store"
    return response
