"""The view of this dialect: its keys, its limits, its errors."""

from typing import Any

import structlog
from django.http import HttpResponse

from accounts.models import Account
from accounts.queries import OpenKey
from api.v1 import keys, throttle
from api.v1.codes import INTERNAL_ERROR, NOT_FOUND
from api.v1.errors import Problem, answer_of, problem_of
from api.v1.paths import register
from foundation.wire.views import ApiView

log = structlog.get_logger()
register()
READING = frozenset({"GET", "HEAD"})


class View(ApiView):
    """A resource of /v1; `is_public` needs no key."""

    is_public = False
    place = ""
    key: OpenKey

    def admit(self) -> None:
        if self.is_public:
            return
        self.key = key = keys.who(self._header)
        self.account_id, self.actor = key.account_id, f"api key {key.masked}"
        self.place = throttle.enter(
            self.account_id, self.request_id, is_write=self.plain.method not in READING
        )

    def entered(self, account: Account) -> None:
        keys.refuse_expired(account, self.key, self._header)

    @property
    def _header(self) -> str:
        said: str = self.plain.META.get("HTTP_AUTHORIZATION", "")
        return said

    def refusal(self, error: Exception) -> HttpResponse:
        problem = problem_of(error, self.operation.codes if self.operation else {})
        if problem.code == INTERNAL_ERROR:
            log.error("api.failed", request_id=self.request_id, exc_info=error)
        response = answer_of(problem, path=self.plain.path, request_id=self.request_id)
        if problem.status == 405:
            response["Allow"] = ", ".join(self.allowed_methods)
        return response

    def finalize_response(self, *args: Any, **rest: Any) -> HttpResponse:  # type: ignore[override]
        throttle.leave(self.place, self.request_id)
        response = super().finalize_response(*args, **rest)
        response["Cache-Control"] = "no-store"
        return response


class Nowhere(View):
    """Every address that is none; it asks for no key, as it has nothing to give."""

    is_public = True

    def admit(self) -> None:
        raise Problem(NOT_FOUND, "There is nothing at this address.")
