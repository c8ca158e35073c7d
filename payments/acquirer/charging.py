"""Booking charges and refunds: operations on the book, each safe to ask for again by its key.

None of them raises for an expected no: they run in one commit with those of other requests, and
an error of one would undo all.
"""

import json
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from payments.acquirer.book import Book, Charge, Refund
from payments.acquirer.cards import (
    COUNTS_PAYMENTS,
    DECLINED,
    SUCCESS,
    Chance,
    ChargeState,
    Timing,
    Verdict,
    judge,
    timing_of,
)
from payments.acquirer.requests import ChargeRequest, RefundRequest

# a callback that must overtake its answer is posted by the request itself; should the process die
# before, the courier takes it up after this time
CALLBACK_FIRST_GRACE_MS = 5000
SETTLING_BATCH = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Placed:
    """`charge` is None where this request was to be lost unexecuted."""

    charge: Charge | None
    timing: Timing


@dataclass(frozen=True, slots=True)
class Terms:
    """What the environment decides about charges, and the wall clock in milliseconds."""

    chance: Chance
    late_ms: int
    now: int


def place_charge(book: Book, request: ChargeRequest, terms: Terms) -> Placed:
    """Books the charge, or finds the one this key already booked, whatever its content: whether
    that is the same order is for the caller to see with `is_same_order`."""
    known = book.charge(request.key)
    if known is not None:
        return Placed(known, Timing.PROMPT)
    stored = book.token(request.token)
    if stored is None:
        return Placed(_booked(book, _charge_of(request, DECLINED, terms), terms), Timing.PROMPT)
    timing = timing_of(stored.behaviour, key=request.key, chance=terms.chance)
    if timing is Timing.LOST_BEFORE_EXECUTING:
        if book.drop_once(request.key, at=terms.now):
            return Placed(None, timing)
        timing = Timing.PROMPT
    if stored.behaviour in COUNTS_PAYMENTS:
        book.count_payment(stored.token)
    verdict = judge(
        stored.behaviour,
        key=request.key,
        amount_minor=request.amount_minor,
        nth=stored.payments + 1,
        chance=terms.chance,
    )
    charge = _charge_of(request, verdict, terms)
    return Placed(_booked(book, charge, terms, timing=timing), timing)


def is_same_order(charge: Charge, request: ChargeRequest) -> bool:
    """The callback address is left out: it says where to tell, not what is ordered."""
    ordered = (request.token, request.amount_minor, request.currency, request.reference)
    return ordered == (charge.token, charge.amount_minor, charge.currency, charge.reference)


def settle_late(book: Book, *, now: int) -> int:
    """Turns charges that were left `processing` into successes once their time has come."""
    due = book.settling(until=now, limit=SETTLING_BATCH)
    for charge in due:
        book.mark_settled(charge.key)
        book.add_capture(charge, at=now)
        settled = replace(charge, state=ChargeState.SUCCEEDED, settles_at=None)
        _add_callback(book, settled, now=now)
    return len(due)


def place_refund(book: Book, request: RefundRequest, *, now: int) -> Refund | None:
    """None where there is no such charge. Never lets the refunds pass what was captured."""
    known = book.refund(request.key)
    if known is not None:
        return known
    charge = book.charge(request.charge_key)
    if charge is None:
        return None
    verdict = _refund_verdict(book, charge, request)
    refund = Refund(
        key=request.key,
        charge_key=request.charge_key,
        amount_minor=request.amount_minor,
        currency=request.currency,
        state=verdict.state,
        error=verdict.error,
        gateway_reference=_new_reference(),
        booked_at=now,
    )
    book.add_refund(refund)
    return refund


def is_same_refund(refund: Refund, request: RefundRequest) -> bool:
    ordered = (request.charge_key, request.amount_minor, request.currency)
    return ordered == (refund.charge_key, refund.amount_minor, refund.currency)


def _refund_verdict(book: Book, charge: Charge, request: RefundRequest) -> Verdict:
    if charge.state is ChargeState.PROCESSING:
        return Verdict(ChargeState.SOFT_DECLINED, "settle_blocked")
    if charge.currency != request.currency:
        return DECLINED
    left = book.captured_minor(charge.key) - book.refunded_minor(charge.key)
    if request.amount_minor > left:
        return Verdict(ChargeState.HARD_DECLINED, "refund_amount_too_high")
    return SUCCESS


def _charge_of(request: ChargeRequest, verdict: Verdict, terms: Terms) -> Charge:
    return Charge(
        key=request.key,
        token=request.token,
        amount_minor=request.amount_minor,
        currency=request.currency,
        reference=request.reference,
        callback_url=request.callback_url,
        state=verdict.state,
        error=verdict.error,
        gateway_reference=_new_reference(),
        booked_at=terms.now,
        settles_at=None,
    )


def _booked(book: Book, charge: Charge, terms: Terms, *, timing: Timing = Timing.PROMPT) -> Charge:
    if timing is Timing.LATE:
        settles_at = terms.now + terms.late_ms
        charge = replace(charge, state=ChargeState.PROCESSING, settles_at=settles_at)
    book.add_charge(charge)
    if charge.state is ChargeState.SUCCEEDED:
        book.add_capture(charge, at=terms.now)
    if charge.state is not ChargeState.PROCESSING:
        _add_callback(book, charge, now=terms.now, timing=timing)
    return charge


def _add_callback(book: Book, charge: Charge, *, now: int, timing: Timing = Timing.PROMPT) -> None:
    if charge.callback_url is None:
        return
    body = json.dumps(
        {
            "event_id": f"evt_{uuid4().hex}",
            "key": charge.key,
            "reference": charge.reference,
            "state": charge.state,
            "error": charge.error,
            "amount_minor": charge.amount_minor,
            "currency": charge.currency,
            "gateway_reference": charge.gateway_reference,
            "occurred_at": (EPOCH + timedelta(milliseconds=now)).isoformat(),
        }
    )
    due_at = now + CALLBACK_FIRST_GRACE_MS if timing is Timing.CALLBACK_FIRST else now
    for _ in range(2 if timing is Timing.CALLBACK_TWICE else 1):
        book.add_callback(key=charge.key, url=charge.callback_url, body=body, due_at=due_at)


def _new_reference() -> str:
    return f"sim_{secrets.token_hex(12)}"
