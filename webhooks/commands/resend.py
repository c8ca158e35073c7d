"""A person has webhooks sent again, sent elsewhere, or not sent at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from yarl import URL

from accounts.models import Account
from foundation import audit, egress
from kernel.errors import Invalid, NotFound
from kernel.ids import new_id
from kernel.lifecycle import step
from webhooks import queries
from webhooks.commands.publish import wake
from webhooks.domain.content import resigned
from webhooks.domain.lifecycle import OPEN, TABLE, Act, State
from webhooks.domain.settings import credentials, webhook_url
from webhooks.models import Delivery, Endpoint, Settings

AT_ONCE_MAX = 100
AGAIN = (
    "state",
    "content",
    "endpoint_id",
    "username",
    "password",
    "tries",
    "began_at",
    "next_at",
    "owner",
    "lease_until",
)


@dataclass(frozen=True, slots=True)
class Target:
    """Another address for single webhooks, with its own user name and password, if any."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        webhook_url(self.url, field="url")
        credentials(self.username, self.password)


def resend(*, account: Account, ids: Sequence[UUID], actor: str, now: datetime) -> list[UUID]:
    """Send again the webhooks, or those of the events, of these up to 100 ids; returns the
    webhooks' ids. `now` is wall time.

    The content stays, byte for byte, unless the secret has changed since: then it is signed anew.
    Raises `NotFound` for an id of neither.
    """
    rows = _locked(account, ids)
    _begin_again(account, rows, now)
    _record(account, rows, actor, "webhook.resent", now)
    return [each.id for each in rows]


def update(
    *, account: Account, ids: Sequence[UUID], target: Target, actor: str, now: datetime
) -> list[UUID]:
    """As `resend`, but to another address; the settings stay as they are. Raises `Invalid` for an
    address that may not be called."""
    refuse_url(target.url, field="url")
    rows = _locked(account, ids)
    endpoint, _ = Endpoint.objects.of(account).get_or_create(
        account_id=account.id, url=target.url, defaults={"id": new_id()}
    )
    for row in rows:
        row.endpoint = endpoint
        row.username, row.password = target.username, target.password
    _begin_again(account, rows, now)
    _record(account, rows, actor, "webhook.updated", now)
    return [each.id for each in rows]


def disable(*, account: Account, ids: Sequence[UUID], actor: str, now: datetime) -> list[UUID]:
    """Send these no more; what has ended already stays as it ended. What waited behind them goes
    on at once. `now` is wall time."""
    rows = _locked(account, ids)
    end_open(account=account, ids=[each.id for each in rows])
    wake(account=account, at=now)
    _record(account, rows, actor, "webhook.disabled", now)
    return [each.id for each in rows]


def end_open(
    *, account: Account, ids: Sequence[UUID] = (), endpoint_ids: Sequence[UUID] = ()
) -> None:
    """Disable what is open of these deliveries and endpoints; a call under way is not recalled."""
    asked = Q(id__in=ids) | Q(endpoint_id__in=endpoint_ids)
    opened = Delivery.objects.of(account).filter(asked, state__in=OPEN).order_by("id")
    locked = list(opened.select_for_update().values_list("id", flat=True))
    Delivery.objects.of(account).filter(id__in=locked).update(
        state=State.DISABLED, owner="", lease_until=None
    )


def refuse_url(url: str, *, field: str) -> None:
    """Raises `Invalid` for an address of ours, of this machine or of nobody, and for ports of
    other services; what a name leads to is judged whenever it is called."""
    try:
        egress.refuse(URL(url), settings.EGRESS_ALLOWED)
    except (egress.AddressRefused, ValueError) as error:
        raise Invalid(
            "webhook_url_refused",
            "{url} may not be called: only public addresses, on the ports 80 and 443.",
            field=field,
            url=url,
        ) from error


def _locked(account: Account, ids: Sequence[UUID]) -> list[Delivery]:
    if not 1 <= len(ids) <= AT_ONCE_MAX:
        raise Invalid(
            "wrong_webhook_count",
            "Give 1 to {limit} ids of webhooks or events.",
            field="webhooks",
            limit=AT_ONCE_MAX,
        )
    named = Q(id__in=ids) | Q(event_id__in=ids)
    rows = list(Delivery.objects.of(account).filter(named).order_by("id").select_for_update())
    known = {each.id for each in rows} | {each.event_id for each in rows}
    missing = next((each for each in ids if each not in known), None)
    if missing is not None:
        raise NotFound("webhook", missing.hex)
    return rows


def _begin_again(account: Account, rows: Sequence[Delivery], now: datetime) -> None:
    salt = Settings.objects.of(account).values_list("secret_salt", flat=True).first() or ""
    secret = queries.secret_of(account, salt)
    for row in rows:
        row.state = step(TABLE, State(row.state), Act.RESEND)
        row.content = resigned(row.content, secret)
        row.tries, row.began_at, row.next_at = 0, now, now
        row.owner, row.lease_until = "", None
        row.save(update_fields=AGAIN)
    _wake_endpoints(account, rows)
    wake(account=account, at=now)


def _wake_endpoints(account: Account, rows: Sequence[Delivery]) -> None:
    """Whoever has something sent again has mended the endpoint."""
    ids = {each.endpoint_id for each in rows}
    Endpoint.objects.of(account).filter(id__in=ids).update(rest_until=None)


def _record(
    account: Account, rows: Sequence[Delivery], actor: str, act: str, now: datetime
) -> None:
    for row in rows:
        audit.record(account=account, actor=actor, act=act, subject=("webhook", row.id), at=now)
