"""Record what endpoints answered: histories, states, the next tries, and how each fares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts.models import Account
from foundation import bulk, outbox
from foundation.egress import Reply
from foundation.faultpoint import faultpoint
from foundation.tenancy import require
from kernel.ids import new_ids
from webhooks.domain.health import Health
from webhooks.domain.lifecycle import State
from webhooks.domain.outcome import Next, Standing, judge, shown, succeeded
from webhooks.domain.settings import ALERT_COUNT_MIN
from webhooks.events import WebhookFailing
from webhooks.models import Delivery, DeliveryAttempt, Endpoint, Settings
from webhooks.queries.sending import behind

ATTEMPT = (
    "id",
    "delivery_id",
    "initiated_at",
    "duration_ms",
    "http_status",
    "headers",
    "content",
)
HEALTH = ("failures", "failing_since", "rest_until", "alert_sent_at")


@dataclass(frozen=True, slots=True)
class Answered:
    """A call of ours that has ended, one way or the other."""

    delivery_id: UUID
    endpoint_id: UUID
    initiated_at: datetime
    reply: Reply

    @property
    def is_success(self) -> bool:
        """Whether the endpoint took it."""
        return succeeded(self.reply.status)


LOCK = """
SELECT id, state, tries, began_at, owner FROM webhooks_delivery
WHERE account_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE
"""
COUNT = """
UPDATE webhooks_delivery AS d
SET count = d.count + 1, tries = d.tries + 1, state = COALESCE(new.state, d.state),
    next_at = COALESCE(new.next_at, d.next_at),
    owner = CASE WHEN new.state IS NULL THEN d.owner ELSE '' END,
    lease_until = CASE WHEN new.state IS NULL THEN d.lease_until END,
    success_at = CASE WHEN new.ok THEN %(now)s ELSE d.success_at END,
    first_fail_at = CASE WHEN new.ok THEN d.first_fail_at
                         ELSE COALESCE(d.first_fail_at, %(now)s) END,
    last_fail_at = CASE WHEN new.ok THEN d.last_fail_at ELSE %(now)s END
FROM unnest(%(ids)s::uuid[], %(oks)s::bool[], %(states)s::text[], %(nexts)s::timestamptz[])
    AS new(id, ok, state, next_at)
WHERE d.account_id = %(account)s AND d.id = new.id
"""


def record(*, account: Account, answered: Sequence[Answered], owner: str, now: datetime) -> None:
    """Write down these calls, made under `owner`'s leases; `now` is wall time.

    A success completes the delivery whatever happened to it meanwhile: it was received. A
    failure of who no longer holds the lease is history and nothing else.
    """
    found = _locked(account, answered, owner)
    failed = [each.delivery_id for each in answered if not each.is_success]
    waiting = behind(account, failed)
    following = {
        each.delivery_id: judge(
            found[each.delivery_id],
            is_success=each.is_success,
            waiting=waiting.get(each.delivery_id, 0),
            now=now,
        )
        for each in answered
    }
    _keep_history(answered)
    _count(account, answered, following, now)
    _tell_health(account, answered, found, now)
    faultpoint("webhooks.recorded")


def _locked(account: Account, answered: Sequence[Answered], owner: str) -> Mapping[UUID, Standing]:
    require(account)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [account.id, [each.delivery_id for each in answered]])
        return {
            id_: Standing(State(state), tries, began_at, is_ours=held_by == owner)
            for id_, state, tries, began_at, held_by in cursor.fetchall()
        }


def _keep_history(answered: Sequence[Answered]) -> None:
    bulk.insert(
        DeliveryAttempt,
        ATTEMPT,
        (
            (
                id_,
                each.delivery_id,
                each.initiated_at,
                round(each.reply.seconds * 1000),
                each.reply.status,
                shown(each.reply.headers),
                shown(each.reply.body) if each.reply.status else each.reply.failure,
            )
            for id_, each in zip(new_ids(len(answered)), answered, strict=True)
        ),
    )


def _count(
    account: Account,
    answered: Sequence[Answered],
    following: Mapping[UUID, Next | None],
    now: datetime,
) -> None:
    after = [following[each.delivery_id] for each in answered]
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT,
            {
                "account": account.id,
                "now": now,
                "ids": [each.delivery_id for each in answered],
                "oks": [each.is_success for each in answered],
                "states": [each and each.state.value for each in after],
                "nexts": [each and each.at for each in after],
            },
        )


def _tell_health(
    account: Account,
    answered: Sequence[Answered],
    found: Mapping[UUID, Standing],
    now: datetime,
) -> None:
    """Endpoints that are well and stay so are not touched."""
    failing = {each.endpoint_id for each in answered if not each.is_success}
    called = {each.endpoint_id for each in answered}
    ailing = Endpoint.objects.of(account).filter(Q(failures__gt=0) | Q(id__in=failing))
    for row in ailing.filter(id__in=called).order_by("id").select_for_update():
        calls = [each for each in answered if each.endpoint_id == row.id]
        health = Health(*(getattr(row, name) for name in HEALTH))
        health = health.after((each.is_success for each in calls), now=now)
        failed = [each.delivery_id for each in calls if not each.is_success]
        _save(row, _alarmed(account, health, {id_: found[id_].tries + 1 for id_ in failed}, now))


def _alarmed(account: Account, health: Health, tries: Mapping[UUID, int], now: datetime) -> Health:
    """With the merchant told, if it is time; of the delivery that was tried most often."""
    if not tries:
        return health
    settings = Settings.objects.of(account).only("account_id", "alert_count").first()
    alert_count = settings.alert_count if settings else ALERT_COUNT_MIN
    worst = max(tries, key=lambda id_: tries[id_])
    if not health.is_alarming(tries=tries[worst], alert_count=alert_count, now=now):
        return health
    delivery = Delivery.objects.of(account).get(id=worst)
    delivery.alert_sent_at = now
    delivery.save(update_fields=["alert_sent_at"])
    outbox.append(
        WebhookFailing(
            endpoint_id=delivery.endpoint_id, delivery_id=delivery.id, count=delivery.count
        )
    )
    return replace(health, alert_sent_at=now)


def _save(row: Endpoint, health: Health) -> None:
    for name in HEALTH:
        setattr(row, name, getattr(health, name))
    row.save(update_fields=HEALTH)
