"""Change what an account wants to be told, where and under which secret."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Account
from foundation import audit
from kernel.ids import new_id
from webhooks import queries
from webhooks.commands.resend import end_open, refuse_url
from webhooks.domain.content import resigned
from webhooks.domain.lifecycle import OPEN
from webhooks.domain.settings import ALERT_COUNT_MIN, NewSettings
from webhooks.models import Delivery, Endpoint, Settings

RESIGN_BATCH = 1000
PLAIN = ("is_disabled", "username", "password", "alert_count")
LISTS = ("alert_emails", "event_types")


def change_settings(*, account: Account, new: NewSettings, actor: str, now: datetime) -> None:
    """Put `new` in place of all that is set; `now` is wall time. The same again changes nothing.

    What is still open for an endpoint that is told nothing any more is disabled. Raises
    `Invalid` for an address that may not be called.
    """
    for url in new.urls:
        refuse_url(url, field="urls")
    row = lock_settings(account=account)
    before = queries.settings_of(account)
    urls = tuple(dict.fromkeys(new.urls))
    changed = [name for name in (*PLAIN, *LISTS) if getattr(before, name) != getattr(new, name)]
    if urls != before.urls:
        _list(account, urls)
        changed.append("urls")
    if not changed:
        return
    for name in PLAIN:
        setattr(row, name, getattr(new, name))
    for name in LISTS:
        setattr(row, name, list(getattr(new, name)))
    row.save()
    left = Endpoint.objects.of(account) if new.is_disabled else _dropped(account, before.urls, urls)
    end_open(account=account, endpoint_ids=list(left.values_list("id", flat=True)))
    audit.record(
        account=account,
        actor=actor,
        act="webhook_settings.changed",
        subject=("webhook_settings", row.id),
        at=now,
        fields=sorted(changed),
    )


def lock_settings(*, account: Account) -> Settings:
    """The account's row, made now if it has none; deliveries are written under the same lock."""
    row, _ = (
        Settings.objects.of(account)
        .select_for_update()
        .get_or_create(
            account_id=account.id, defaults={"id": new_id(), "alert_count": ALERT_COUNT_MIN}
        )
    )
    return row


def new_secret(*, account: Account, actor: str, now: datetime) -> str:
    """From now on everything is signed with another secret, what is still open too: whoever knows
    the old one alone would refuse it for days. `now` is wall time."""
    row = lock_settings(account=account)
    row.secret_salt = secrets.token_hex(16)
    row.save(update_fields=["secret_salt"])
    secret = queries.secret_of(account, row.secret_salt)
    _sign_anew(account, secret)
    audit.record(
        account=account,
        actor=actor,
        act="webhook_settings.secret_changed",
        subject=("webhook_settings", row.id),
        at=now,
    )
    return secret


def _sign_anew(account: Account, secret: str) -> None:
    opened = Delivery.objects.of(account).filter(state__in=OPEN).order_by("id")
    rows = list(opened.select_for_update().only("id", "account_id", "content"))
    for row in rows:
        row.content = resigned(row.content, secret)
    Delivery.objects.of(account).bulk_update(rows, ["content"], batch_size=RESIGN_BATCH)


def _list(account: Account, urls: Sequence[str]) -> None:
    endpoints = Endpoint.objects.of(account)
    endpoints.exclude(position=None).update(position=None)
    for position, url in enumerate(urls):
        endpoints.update_or_create(
            account_id=account.id,
            url=url,
            defaults={"position": position},
            create_defaults={"id": new_id(), "position": position},
        )


def _dropped(account: Account, before: Sequence[str], urls: Sequence[str]) -> QuerySet[Endpoint]:
    return Endpoint.objects.of(account).filter(url__in=set(before) - set(urls))
