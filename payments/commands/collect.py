"""Drive attempts through their transactions, with the calls to the acquirer between them.

Called by Celery's doors and by the command line alike. Any number may drive one account at once.
"""

import os
import platform
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from uuid import UUID

from django.conf import settings
from django.db import connection

from foundation import due, jobs, statistics
from foundation.faultpoint import faultpoint
from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import Upstream
from payments import queries
from payments.commands.claim_attempts import LOOK_UP_KIND, Claimed, claim_attempts
from payments.commands.record_attempts import lose, record_attempts, send_again, set_aside
from payments.commands.request_attempts import DUE_KIND, wake_attempts
from payments.gateways.perform import perform
from payments.gateways.port import ChargeOrder, Gateway, Outcome
from payments.gateways.registry import gateway

BATCH_MAX = 100
THREADS = 8


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer is waited for, and after how long an open outcome is asked for (again).

    Without `callback_url` the acquirer is asked, and does not report by itself.
    """

    answer: timedelta
    look_up: timedelta
    callback_url: str | None


def usual_patience() -> Patience:
    """As the operator configured it."""
    return Patience(
        answer=timedelta(seconds=settings.GATEWAY_TIMEOUT_SECONDS),
        look_up=timedelta(seconds=settings.LOOK_UP_AFTER_SECONDS),
        callback_url=settings.CALLBACK_URL or None,
    )


@cache
def gateway_of(name: str, patience: Patience | None = None) -> Gateway:
    """The adapter behind a method's gateway."""
    chosen = patience or usual_patience()
    return gateway(
        name,
        url=settings.ACQUIRER_URL,
        secret=settings.ACQUIRER_SECRET,
        timeout=chosen.answer,
        callback_url=chosen.callback_url,
    )


def collect(account_id: UUID, *, batches: int, patience: Patience | None = None) -> int:
    """Send up to `batches` batches of requested attempts; returns how many were sent.

    Three steps each: claim and commit, call with no transaction open, record and commit.
    """
    seen = due.lines(account_id, DUE_KIND, wall_now())
    sent = 0
    statistics.refresh()
    for _ in range(batches):
        claimed = _claim(account_id, (patience or usual_patience()).answer)
        if not claimed:
            break
        sent += len(claimed)
        faultpoint("payments.claimed")
        outcomes = _charge(claimed, patience)
        faultpoint("payments.called")
        # The calls took their time: a connection that died meanwhile must not lose what was said.
        connection.close_if_unusable_or_obsolete()
        record(account_id, outcomes, patience=patience)
    with tenant(account_id) as account:
        if queries.requested_count(account):
            wake_attempts(account)
        due.clear(account_id, seen)
    return sent


def _claim(account_id: UUID, answer: timedelta) -> list[Claimed]:
    owner = f"{platform.node()}:{os.getpid()}"
    lease = timedelta(seconds=settings.ATTEMPT_LEASE_SECONDS)
    with tenant(account_id) as account:
        return claim_attempts(
            account=account, limit=batch_size(answer), owner=owner, now=wall_now(), lease=lease
        )


def batch_size(answer: timedelta) -> int:
    """What the threads can send within the lease though every call waits as long as it may for its
    answer, with one to spare: an owner who lives has recorded before anybody asks after him."""
    calls = timedelta(seconds=settings.ATTEMPT_LEASE_SECONDS) // answer - 1
    assert calls >= 1, "KONTOR_ATTEMPT_LEASE_SECONDS must be twice the gateway's time-out or more"
    return min(BATCH_MAX, THREADS * calls)


def _charge(claimed: Sequence[Claimed], patience: Patience | None) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for name in dict.fromkeys(each.gateway for each in claimed):
        orders = [
            ChargeOrder(key=each.id, token=each.token, amount=each.amount, reference=each.reference)
            for each in claimed
            if each.gateway == name
        ]
        outcomes += perform(orders, gateway_of(name, patience), threads=THREADS)
    return outcomes


def record(
    account_id: UUID, outcomes: Sequence[Outcome], *, patience: Patience | None = None
) -> None:
    """Record what was said; an outcome that cannot be recorded is parked, the others are not."""
    look_up_after = (patience or usual_patience()).look_up
    said = {each.key: each for each in outcomes}

    def work(keys: Sequence[UUID]) -> None:
        with tenant(account_id) as account:
            record_attempts(
                account=account,
                outcomes=[said[key] for key in keys],
                wall=wall_now(),
                look_up_after=look_up_after,
            )

    def culprit(key: UUID, failure: jobs.Failure) -> None:
        with tenant(account_id) as account:
            set_aside(account=account, attempt_id=key, failure=failure, wall=wall_now())

    if said:
        jobs.halve(list(said), work, culprit)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look-up brought: an outcome, that there is none, or that nobody could be asked."""

    question: queries.Question
    outcome: Outcome | None
    is_answered: bool


def look_up(account_id: UUID, *, limit: int, patience: Patience | None = None) -> int:
    """Ask the acquirer about attempts whose outcome is open and due; returns how many it asked.

    An attempt it does not know twice, at least the look-up interval apart, is sent again under
    its own key. Time alone decides nothing.
    """
    now = wall_now()
    seen = due.lines(account_id, LOOK_UP_KIND, now)
    with tenant(account_id) as account:
        questions = queries.questions(account, now, limit)
    found = _ask(questions, patience)
    record(account_id, [each.outcome for each in found if each.outcome], patience=patience)
    interval = (patience or usual_patience()).look_up
    for each in found:
        if each.outcome is None:
            _nothing_found(account_id, each, now, interval)
    with tenant(account_id) as account:
        due.clear(account_id, seen)
        next_at = queries.next_question_at(account)
        if next_at is not None:
            due.note(LOOK_UP_KIND, next_at)
    return len(questions)


def _ask(questions: Sequence[queries.Question], patience: Patience | None) -> list[_Found]:
    if not questions:
        return []
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(partial(_ask_one, patience), questions))


def _ask_one(patience: Patience | None, question: queries.Question) -> _Found:
    try:
        asked = gateway_of(question.gateway, patience)
        return _Found(question, asked.look_up(question.id), is_answered=True)
    except Upstream:
        return _Found(question, None, is_answered=False)


def _nothing_found(account_id: UUID, found: _Found, now: datetime, interval: timedelta) -> None:
    with tenant(account_id) as account:
        attempt = queries.lock_open_question(account, found.question.id)
        if attempt is None or (attempt.lease_until is not None and attempt.lease_until > now):
            return
        since = attempt.not_found_since
        if found.is_answered and since is None:
            attempt.not_found_since = now
        lose(attempt, look_at=now + interval)
        is_certain = found.is_answered and since is not None and since + interval <= now
        if is_certain and send_again(account=account, attempt_id=attempt.id):
            wake_attempts(account)
