"""API credentials: the keys that open the account to programs."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from accounts.commands.api_keys import create_key, expire_key
from accounts.domain.rights import Right
from accounts.queries import open_keys
from dashboard.doors import AccountView
from dashboard.sessions import say
from kernel.clock import wall_now
from kernel.errors import Invalid, KontorError, NotFound


class ApiKeys(AccountView):
    """The open keys; a new one is shown this once, on the answer to its making."""

    here = "api_keys"
    right = Right.DEVELOP
    write_right = Right.DEVELOP

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if "expire" in request.POST:
            key_id = _id(request.POST["expire"])
            expire_key(account=self.account, key_id=key_id, actor=self.actor, now=wall_now())
            say(request, _("The key is expired: nothing opens with it any more."), tone="good")
            return self.to("api_keys")
        name = request.POST.get("name", "").strip()
        if not name:
            raise Invalid("key_name_missing", "A key needs a name.", field="name")
        made = create_key(
            account=self.account,
            name=name,
            actor=self.actor,
            now=wall_now(),
        )
        return self._page({"made": made.key})

    def refused(
        self, request: HttpRequest, refusal: KontorError, *_args: Any, **_kwargs: Any
    ) -> HttpResponseBase:
        context = {"trouble": refusal, "name": request.POST.get("name", "")}
        return self._page(context, status=422)

    def _page(self, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        keys = {"keys": open_keys(self.account)}
        return self.render("dashboard/api_keys.html", keys | (context or {}), status=status)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("api_key", text) from None
