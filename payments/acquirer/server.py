"""The acquirer's front: JSON over HTTP on loopback, every request but GET /healthz signed.

    POST /tokens              {pan, expiry, cvv} -> {token, brand, masked_number, expiry}
    POST /charges             {key, token, amount_minor, currency, reference, callback_url?}
                              -> {key, state, error, gateway_reference, amount_minor, currency, ...}
    GET  /charges/{key}       the charge as booked, or 404 not_found
    POST /refunds             {key, charge_key, amount_minor, currency} -> {key, state, error, ...}
    GET  /book/summary        counts, totals by currency, keys captured more than once
    GET  /book/charges?after= pages of charges with the number and sum of their captures

What is promised:
- A charge is idempotent by its key: the same order gets the same booked answer and is captured
  once; another order under the same key is a 409 key_reused. A declined charge is a 200.
- No answer leaves before its commit; SIGKILL at any moment leaves a consistent book, and a restart
  goes on with what was late or still to be delivered.
- Card numbers other than the test numbers are refused (422 card_not_allowed). No card number and no
  verification code is written anywhere: not to the book, not to the log, not into an answer.
- How cards behave is in `payments.acquirer.cards`, callbacks in `payments.acquirer.courier`.
  KONTOR_ACQUIRER_UNKNOWN_PERCENT loses the answers of that share of charges besides, half of them
  executed: the connection hangs for KONTOR_ACQUIRER_HANG_SECONDS and is then cut.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from functools import partial
from uuid import uuid4

from aiohttp import web

from kernel.clock import wall_now
from kernel.errors import Invalid
from payments.acquirer import reports
from payments.acquirer.book import Book, Charge, StoredToken
from payments.acquirer.cards import (
    BRANDS,
    STORING_FAILURES,
    Timing,
    behaviour_of,
    masked,
)
from payments.acquirer.charging import (
    Placed,
    Terms,
    is_same_order,
    is_same_refund,
    place_charge,
    place_refund,
)
from payments.acquirer.config import Settings
from payments.acquirer.courier import Courier, now_ms
from payments.acquirer.group_commit import GroupCommit
from payments.acquirer.requests import (
    CardRequest,
    card_request,
    charge_request,
    read_object,
    refund_request,
)
from payments.acquirer.signing import Envelope, is_authentic

BODY_MAX = 16 * 1024
LOST = frozenset({Timing.LOST_AFTER_EXECUTING, Timing.LOST_BEFORE_EXECUTING})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(settings: Settings) -> web.Application:
    acquirer = Acquirer(settings)
    app = web.Application(middlewares=[acquirer.guard], client_max_size=BODY_MAX)
    app.cleanup_ctx.append(acquirer.running)
    app.add_routes(
        [
            web.get("/healthz", acquirer.health),
            web.post("/tokens", acquirer.store_card),
            web.post("/charges", acquirer.charge),
            web.get("/charges/{key}", acquirer.look_up),
            web.post("/refunds", acquirer.refund),
            web.get("/book/summary", acquirer.summary),
            web.get("/book/charges", acquirer.charges),
        ]
    )
    return app


class Acquirer:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._book = Book(settings.book)
        self._commits = GroupCommit(self._book)

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        self._courier = Courier(book=self._book, commits=self._commits, settings=self._settings)
        rounds = asyncio.create_task(self._courier.run())
        yield
        rounds.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await rounds
        await self._courier.close()
        self._book.close()

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Asks for the signature before anything else is looked at."""
        if request.path != "/healthz":
            purpose = f"{request.method} {request.raw_path}"
            envelope = Envelope(purpose, await request.read())
            now = now_ms() // 1000
            if not is_authentic(self._settings.secret, envelope, request.headers, now=now):
                return problem(401, "bad_signature", "The signature is missing, wrong or too old.")
        try:
            return await handler(request)
        except Invalid as invalid:
            return problem(400, invalid.code, str(invalid))

    async def health(self, _: web.Request) -> web.Response:
        return answer({"status": "ok"})

    async def store_card(self, request: web.Request) -> web.Response:
        card = card_request(read_object(await request.read()))
        if card.pan not in BRANDS:
            return problem(422, "card_not_allowed", "Only the test card numbers are accepted.")
        if is_expired(card):
            return problem(422, "credit_card_expired", "The card has expired.")
        failure = STORING_FAILURES.get(card.cvv)
        if failure is not None:
            if failure.waits:
                await asyncio.sleep(self._settings.slow_store_ms / 1000)
            return problem(422, failure.error, "The card could not be stored.")
        stored = StoredToken(
            token=f"ct_{uuid4().hex}",
            brand=BRANDS[card.pan],
            masked_number=masked(card.pan),
            expiry=card.expiry,
            behaviour=behaviour_of(card.cvv),
        )
        await self._commits.run(lambda book: book.add_token(stored))
        shown = ("token", "brand", "masked_number", "expiry")
        return answer({name: getattr(stored, name) for name in shown})

    async def charge(self, request: web.Request) -> web.Response:
        order = charge_request(read_object(await request.read()))
        now = now_ms()
        terms = Terms(chance=self._settings.chance, late_ms=self._settings.late_ms, now=now)
        placed = await self._commits.run(partial(place_charge, request=order, terms=terms))
        if placed.timing in LOST:
            return await self._lose(request)
        if placed.charge is None or not is_same_order(placed.charge, order):
            return problem(409, "key_reused", "This key belongs to another charge.")
        await self._tell(placed)
        return answer(charge_shown(placed.charge))

    async def look_up(self, request: web.Request) -> web.Response:
        charge = self._book.charge(request.match_info["key"])
        if charge is None:
            return problem(404, "not_found", "There is no charge with this key.")
        return answer(charge_shown(charge))

    async def refund(self, request: web.Request) -> web.Response:
        order = refund_request(read_object(await request.read()))
        refund = await self._commits.run(partial(place_refund, request=order, now=now_ms()))
        if refund is None:
            return problem(404, "not_found", "There is no charge with this charge_key.")
        if not is_same_refund(refund, order):
            return problem(409, "key_reused", "This key belongs to another refund.")
        return answer(asdict(refund))

    async def summary(self, _: web.Request) -> web.Response:
        return answer(reports.summary(self._book))

    async def charges(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= 18):
            raise Invalid("invalid_request", "after must be a whole number.", field="after")
        return answer(reports.charges_after(self._book, int(after)))

    async def _tell(self, placed: Placed) -> None:
        if placed.charge is None or placed.charge.callback_url is None:
            return
        if placed.timing is Timing.CALLBACK_FIRST:
            await self._courier.deliver_now(placed.charge.key)
        else:
            self._courier.wake()

    async def _lose(self, request: web.Request) -> web.Response:
        """Says nothing for a while and then cuts the line: the client learns nothing at all."""
        self._courier.wake()
        await asyncio.sleep(self._settings.hang_ms / 1000)
        if request.transport is not None:
            request.transport.abort()
        return answer({})


def is_expired(card: CardRequest) -> bool:
    month, year = int(card.expiry[:2]), 2000 + int(card.expiry[2:])
    if not 1 <= month <= 12:
        raise Invalid("invalid_request", "expiry must be MMYY.", field="expiry")
    today = wall_now()
    return (year, month) < (today.year, today.month)


def charge_shown(charge: Charge) -> dict[str, object]:
    return {
        "key": charge.key,
        "state": charge.state,
        "error": charge.error,
        "gateway_reference": charge.gateway_reference,
        "amount_minor": charge.amount_minor,
        "currency": charge.currency,
        "reference": charge.reference,
    }


def answer(body: dict[str, object], *, status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(body).encode(), status=status, content_type="application/json"
    )


def problem(status: int, code: str, message: str) -> web.Response:
    return answer({"error": code, "message": message}, status=status)
