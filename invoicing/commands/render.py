"""Make documents files: asked for in a transaction, printed between two, stored once.

No row is written when a document is issued: a billing run makes hundreds of thousands of papers,
and most are looked at late or never. The row comes with the first look or the first mail.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from foundation import due, files, jobs
from foundation.faultpoint import faultpoint
from foundation.renderer.press import RendererBusy, RendererMissing, press
from foundation.tenancy import tenant
from invoicing.domain.facts import DocumentFacts
from invoicing.domain.rendering import (
    RENDER_TABLE,
    TRIES_MAX,
    WITHOUT_RENDERER,
    Pdf,
    RenderAct,
    RenderingFact,
    RenderState,
    Waiting,
    next_try,
)
from invoicing.models import Rendering
from invoicing.paper import page
from invoicing.queries import documents
from kernel.clock import wall_now
from kernel.errors import NotFound, Upstream
from kernel.ids import new_id
from kernel.lifecycle import step

DUE_KIND = PARK_KIND = "render"
HEAD_START = timedelta(seconds=60)
"""So long a file belongs to whoever waits for it in person, before a worker makes it."""
NOT_ITS_FAULT = (RendererMissing, RendererBusy)


def ensure_rendering(
    *, account: Account, document_id: UUID, asks_transfer: bool, at: datetime
) -> bool:
    """The document's file is wanted, by a worker from `at` (wall time) on; whether that is new.

    What the page says of the payment is settled by the first who asks. Raises `NotFound`.
    """
    known = documents.document(account, document_id)
    _, is_new = Rendering.objects.of(account).get_or_create(
        account_id=account.id,
        document_id=known.id,
        kind=Rendering.Kind.PDF,
        defaults={
            "id": new_id(),
            "asks_transfer": asks_transfer,
            "next_at": at,
            "created_at": wall_now(),
        },
    )
    if is_new:
        due.note(DUE_KIND, at)
    return is_new


def wake_renderer(account: Account) -> None:
    """A worker makes what is wanted as soon as this is committed."""
    account_id = account.id
    transaction.on_commit(lambda: jobs.nudge(DUE_KIND, account_id))


def pdf_of(account_id: UUID, document_id: UUID, *, now: datetime) -> Pdf | Waiting:
    """The document's file, made now if it has been asked for and is not there yet.

    Call it outside any door: printing takes up to 20 s. Two at once print the same bytes, and
    the file that is recorded first stays. Raises `NotFound`; `now` is wall time.
    """
    with tenant(account_id) as account:
        facts = documents.document(account, document_id)
        rendering = documents.rendering_of(account, document_id)
    if rendering is None:
        raise NotFound("document", document_id)
    if rendering.state is RenderState.WAITING and not _is_put_off(rendering, now):
        rendering = _made(account, facts, rendering, now)
    if rendering.state is not RenderState.READY:
        return Waiting(rendering.failure, rendering.state is RenderState.PARKED)
    content = files.get(account, rendering.digest)
    return Pdf(content, rendering.digest, f"{facts.number}.pdf")


def render_due(account_id: UUID, *, limit: int) -> bool:
    """Make up to `limit` files that are wanted by now; whether more are waiting."""
    now = wall_now()
    with tenant(account_id) as account:
        seen = due.lines(account_id, DUE_KIND, now)
        wanted = documents.renderings_due(account, now, limit)
    for each in wanted:
        pdf_of(account_id, each, now=now)
    with tenant(account_id) as account:
        due.clear(account_id, seen)
        next_at = documents.next_rendering_at(account)
        if next_at is not None:
            due.note(DUE_KIND, next_at)
    return len(wanted) == limit


def release(*, account: Account, document_id: UUID, by: str, now: datetime) -> None:
    """A person has the document printed again; raises `NotFound` when it is not parked."""
    jobs.release(account=account, kind=PARK_KIND, subject_id=document_id, by=by, now=now)
    rendering = _locked(account, document_id)
    state = RenderState(rendering.state)
    rendering.state = step(RENDER_TABLE, state, RenderAct.RELEASE)
    rendering.tries, rendering.failure, rendering.next_at = 0, "", now
    rendering.save(update_fields=["state", "tries", "failure", "next_at"])
    due.note(DUE_KIND, now)
    wake_renderer(account)


def _is_put_off(rendering: RenderingFact, now: datetime) -> bool:
    return bool(rendering.failure) and rendering.next_at > now


def _made(
    account: Account, facts: DocumentFacts, rendering: RenderingFact, now: datetime
) -> RenderingFact:
    """Print and store, then write down what came of it."""
    outcome = jobs.attempt(lambda: _file(account, facts, rendering.asks_transfer))
    if isinstance(outcome, str):
        return _written(account.id, facts.id, partial(_store, digest=outcome))
    error = outcome if isinstance(outcome, Upstream) else None
    failure = jobs.Failure(error.code, error.sentence) if error else outcome
    assert isinstance(failure, jobs.Failure)
    is_patient = isinstance(error, NOT_ITS_FAULT)
    change = partial(_put_off, failure=failure, is_patient=is_patient, now=now)
    return _written(account.id, facts.id, change)


def _file(account: Account, facts: DocumentFacts, asks_transfer: bool) -> str | Upstream:  # noqa: FBT001
    html = page.for_print(facts, asks_transfer=asks_transfer)
    try:
        content = press().pdf(html, stylesheet=page.stylesheet())
    except Upstream as error:
        return error
    faultpoint("invoicing.printed")
    digest = files.put(account, content)
    faultpoint("invoicing.filed")
    return digest


def _written(
    account_id: UUID, document_id: UUID, change: Callable[[Account, Rendering], None]
) -> RenderingFact:
    """Change the rendering, unless somebody has brought it to an end meanwhile."""
    with tenant(account_id) as account:
        rendering = _locked(account, document_id)
        if rendering.state == RenderState.WAITING:
            change(account, rendering)
            rendering.save(update_fields=["state", "digest", "tries", "failure", "next_at"])
        written = documents.rendering_of(account, document_id)
        assert written is not None
        return written


def _store(_account: Account, rendering: Rendering, *, digest: str) -> None:
    rendering.state = step(RENDER_TABLE, RenderState(rendering.state), RenderAct.STORE)
    rendering.digest, rendering.failure = digest, ""


def _put_off(
    account: Account,
    rendering: Rendering,
    *,
    failure: jobs.Failure,
    is_patient: bool,
    now: datetime,
) -> None:
    rendering.failure = failure.sentence
    rendering.tries += 0 if is_patient else 1
    if rendering.tries < TRIES_MAX:
        patience = now + WITHOUT_RENDERER
        rendering.next_at = patience if is_patient else next_try(rendering.tries, now)
        due.note(DUE_KIND, rendering.next_at)
        return
    rendering.state = step(RENDER_TABLE, RenderState(rendering.state), RenderAct.PARK)
    jobs.park(
        account=account, kind=PARK_KIND, subject_id=rendering.document_id, failure=failure, now=now
    )


def _locked(account: Account, document_id: UUID) -> Rendering:
    found = Rendering.objects.of(account).filter(document_id=document_id)
    return found.select_for_update().get()
