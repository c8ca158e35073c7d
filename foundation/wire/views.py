"""The view of every dialect: read what was asked, open one door, do it, shape the answer.

A dialect says who is asking (`admit`) and how an error looks (`refusal`); a resource says what
is done, one method for each operation under `operation`.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from foundation import idempotency
from foundation.tenancy import tenant
from foundation.wire.bodies import body_of, dump, query_of
from foundation.wire.kinds import Kind
from foundation.wire.shapes import NOTHING, Given, Shape
from kernel.clock import business_now, wall_now
from kernel.ids import new_id

if TYPE_CHECKING:
    from accounts.models import Account

NOBODY = UUID(int=0)
"""No account has this id: whoever was not asked who he is finds nothing behind any door."""

Work = Callable[..., Any]
"""A method of a view: takes the `Call` and the parts of the path, gives what the shape writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one operation takes and gives; the reference is made of these.

    `key_member` names the member of the body that makes a repetition give the first answer.
    `codes` says how this operation calls a refusal, where that differs from the dialect's table.
    """

    summary: str
    answer: Kind = NOTHING
    body: Shape | Kind | None = None
    query: Shape | None = None
    key_member: str = ""
    opens_doors: bool = False
    codes: Mapping[str, Any] = field(default_factory=dict)
    doc: str = ""


@dataclass(slots=True, kw_only=True)
class Call:
    """One request, read and checked; `now` is the account's own time."""

    account_id: UUID
    actor: str
    body: Any = None
    query: Given = field(default_factory=dict)
    known_account: "Account | None" = None
    known_now: datetime | None = None

    @property
    def account(self) -> "Account":
        """The account whose door is open; an operation that `opens_doors` has none here."""
        assert self.known_account is not None, "no door is open"
        return self.known_account

    @property
    def now(self) -> datetime:
        assert self.known_now is not None, "no door is open"
        return self.known_now

    @property
    def zone(self) -> str:
        return self.account.timezone


def operation(
    summary: str, answer: Kind = NOTHING, **said: Any
) -> Callable[[Work], Callable[..., HttpResponse]]:
    """Make a method an operation; further arguments are those of `Operation`.

    Its transaction is the account's, opened before it and committed after its answer is
    shaped: what raises changes nothing. One that `opens_doors` opens them by itself and
    gives its answer shaped, since it talks to others in between.
    """
    described = Operation(summary=summary, answer=answer, **said)

    def dress(work: Work) -> Callable[..., HttpResponse]:
        @wraps(work)
        def handler(view: "ApiView", _: Request, **path: Any) -> HttpResponse:
            view.operation = described
            return view.serve(described, work, path)

        handler.operation = described  # type: ignore[attr-defined]
        return handler

    return dress


class ApiView(APIView):
    """Django REST framework's view without what a dialect replaces: its parsers, renderers,
    authentication and throttles."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = ()
    renderer_classes = ()
    http_method_names = ["get", "head", "post", "put", "delete"]

    account_id = NOBODY
    actor = ""
    operation: Operation | None = None
    request_id: str
    plain: HttpRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.plain = request
        self.request_id = new_id().hex

    @abstractmethod
    def refusal(self, error: Exception) -> HttpResponse:
        """The dialect's answer to whatever was raised."""

    def admit(self) -> None:
        """Who is asking, and may he now? Whoever says nothing is nobody."""

    def entered(self, account: "Account") -> None:
        """A last word at the open door: may he still come in?"""

    def initial(self, *_: Any, **__: Any) -> None:
        self.admit()

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        return self.refusal(exc)

    def serve(self, asked: Operation, work: Work, path: Mapping[str, Any]) -> HttpResponse:
        """Read, open the door, do, shape, commit, answer."""
        request = self.plain
        call = Call(account_id=self.account_id, actor=self.actor)
        if asked.query is not None:
            call.query = asked.query.read_query(query_of(request))
        if asked.body is not None:
            call.body = asked.body.read(body_of(request), "")
        if asked.opens_doors:
            self._look_in()
            return self.answered(work(self, call, **path))
        with tenant(self.account_id) as account:
            self.entered(account)
            call.known_account = account
            call.known_now = business_now(account.clock_at)
            answer = self._kept(asked, call, lambda: self._shaped(asked, work, call, path))
        return self.answered(answer)

    def answered(self, answer: Any) -> HttpResponse:
        """Always 200: whoever asks for another status means an error."""
        return HttpResponse(dump(answer), content_type="application/json")

    def finalize_response(self, *args: Any, **_: Any) -> HttpResponse:  # type: ignore[override]
        """The answer as it is, with the name under which our logs know the request."""
        response: HttpResponse = args[1]
        response["Request-Id"] = self.request_id
        return response

    def _look_in(self) -> None:
        """Whoever opens doors by himself is asked at one of them first."""
        if self.account_id != NOBODY:
            with tenant(self.account_id) as account:
                self.entered(account)

    def _shaped(self, asked: Operation, work: Work, call: Call, path: Mapping[str, Any]) -> Any:
        found = work(self, call, **path)
        write = asked.answer.write
        return found if write is None else write(found)

    def _kept(self, asked: Operation, call: Call, work: Callable[[], Any]) -> Any:
        """The answer of the first such call where the caller named it by a key."""
        key = call.body.get(asked.key_member) if asked.key_member else None
        if not key:
            return work()
        named = idempotency.Call(operation=self._name(), key=key, body=call.body)
        return idempotency.once(account=call.account, call=named, work=work, now=wall_now())

    def _name(self) -> str:
        found = self.plain.resolver_match
        return f"{self.plain.method} {found.route if found else self.plain.path}"[:200]
