"""write every lifecycle as a table into docs/lifecycles.md"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from invoicing.domain import lifecycle as claim
from invoicing.domain import rendering
from kernel.lifecycle import as_markdown
from messaging.domain import lifecycle as mail
from payments.domain import lifecycle as payment
from subscriptions.domain import lifecycle as subscription
from webhooks.domain import lifecycle as webhook

PLACE = Path("docs") / "lifecycles.md"
HEAD = """# Lifecycles

What is not in a table is refused with `transition_refused`, which names the acts that are possible
instead. For claims, attempts, subscriptions and billing runs a trigger in the database allows the
same moves and no others. This page is printed from the code by `./kontor print-lifecycles`; tests
compare it with the code, and the code with the triggers.
"""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A table of moves, where a thing begins, and what a reader should know besides."""

    title: str
    table: Mapping[Any, StrEnum]
    initial: StrEnum
    note: str


LIFECYCLES = (
    Lifecycle(
        "Claim (invoice)",
        claim.TABLE,
        claim.State.CREATED,
        "A billing run writes its claims as issued: `pending`, or `settled` at once where nothing "
        "is owed. What a claim has open is a column beside its state; money may be drawn in the "
        "states `pending`, `dunning` and `failed`.",
    ),
    Lifecycle(
        "File of a document",
        rendering.RENDER_TABLE,
        rendering.RenderState.WAITING,
        "It begins when somebody first wants the file. Without a renderer it waits and is tried "
        "again; a document that cannot be printed is parked after three tries; its claim goes on.",
    ),
    Lifecycle(
        "Payment attempt",
        payment.TABLE,
        payment.State.REQUESTED,
        "A claim has at most one attempt that is `requested`, `in_flight` or `unknown`. `unknown` "
        "leaves by what the acquirer says to our own key, never by time alone.",
    ),
    Lifecycle(
        "Payment method",
        payment.METHOD_TABLE,
        payment.MethodState.ACTIVE,
        "A hard decline fails the method, unless the fault lay in the chain and not in the card.",
    ),
    Lifecycle(
        "Mail",
        mail.TABLE,
        mail.State.QUEUED,
        "A mail that will not leave the house begins as `kept`: all mails of test accounts, and of "
        "live ones while no mail server is configured. One that may have arrived is repeated once, "
        "under the same Message-ID; after a second doubt, or three days in vain, it is parked.",
    ),
    Lifecycle(
        "Subscription",
        subscription.TABLE,
        subscription.State.ACTIVE,
        "That a subscription is cancelled is a fact beside its state: it stays `active` until the "
        "period it has paid for is over.",
    ),
    Lifecycle(
        "Billing run",
        subscription.RUN_TABLE,
        subscription.RunState.BILLING,
        "An account has at most one run that is not closed. Collecting goes back to billing when "
        "something falls due again before the run is closed.",
    ),
    Lifecycle(
        "Webhook delivery",
        webhook.TABLE,
        webhook.State.PENDING,
        "A delivery on its way keeps its state and is held under a lease. What was on its way when "
        "somebody disabled it, or when its sender was taken for dead, may have been received all "
        "the same: then it is `completed`. A person can send any of them again.",
    ),
)


def page() -> str:
    """The whole page; the same on every machine."""
    sections = (
        f"{as_markdown(each.title, each.table, each.initial)}\n{each.note}\n" for each in LIFECYCLES
    )
    return "\n".join([HEAD, *sections])


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: object, **options: object) -> None:
        place = Path(settings.BASE) / PLACE
        place.parent.mkdir(exist_ok=True)
        place.write_text(page())
        self.stdout.write(f"{PLACE} holds {len(LIFECYCLES)} lifecycles")
