"""Open accounts: the first of an organisation with it, further ones beside it."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError

from accounts.domain import details
from accounts.domain.details import Party, Terms, handle, text
from accounts.models import Account, AccountRoute, AccountVersion, Organisation
from foundation import audit
from foundation.tenancy import opening, tenant
from kernel.errors import Conflict, Invalid
from kernel.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What must be known to open an account; `clock_at` gives a test account its own clock."""

    handle: str
    party: Party
    terms: Terms
    is_live: bool = False
    clock_at: datetime | None = None

    def __post_init__(self) -> None:
        handle(self.handle)
        if self.clock_at is not None and (self.is_live or self.clock_at.tzinfo is None):
            raise Invalid(
                "own_clock_refused",
                "Only a test account may own a clock, and it starts at an instant with a zone.",
                field="clock_at",
            )


def open_organisation(*, name: str, subdomain: str, first: NewAccount, now: datetime) -> UUID:
    """Open the organisation with its first account; returns the account's id.

    Raises `Conflict` when the subdomain is taken.
    """
    text(name, field="name")
    details.subdomain(subdomain)
    account_id = new_id()
    organisation = Organisation(id=new_id(), name=name, subdomain=subdomain, created_at=now)
    try:
        with opening(account_id):
            organisation.save(force_insert=True)
            _write(account_id, organisation, first, now)
    except IntegrityError as error:
        if "organisation_subdomain" not in str(error):
            raise
        raise Conflict(
            "subdomain_taken", "The subdomain {subdomain} is taken.", subdomain=subdomain
        ) from error
    return account_id


def open_account(*, beside: UUID, new: NewAccount, now: datetime) -> UUID:
    """Open another account of the organisation that `beside` belongs to; returns its id.

    Raises `Conflict` when the organisation already has an account of that handle.
    """
    with tenant(beside) as sibling:
        organisation = sibling.organisation
    account_id = new_id()
    try:
        with opening(account_id):
            _write(account_id, organisation, new, now)
    except IntegrityError as error:
        if "account_handle" not in str(error):
            raise
        raise Conflict(
            "handle_taken", "There is already an account {handle}.", handle=new.handle
        ) from error
    return account_id


def _write(account_id: UUID, organisation: Organisation, new: NewAccount, now: datetime) -> None:
    terms = new.terms
    version_id = new_id()
    account = Account(
        id=account_id,
        organisation_id=organisation.id,
        handle=new.handle,
        state=Account.State.LIVE if new.is_live else Account.State.TEST,
        currency=terms.currency,
        language=terms.language,
        timezone=terms.timezone,
        default_vat=decimal(terms.default_vat.numerator, terms.default_vat.denominator),
        invoice_prefix=terms.invoice_prefix,
        payment_days=terms.payment_days,
        clock_at=new.clock_at.astimezone(UTC) if new.clock_at else None,
        version_id=version_id,
        created_at=now,
    )
    account.save(force_insert=True)
    AccountRoute.objects.create(
        account_id=account_id,
        subdomain=organisation.subdomain,
        handle=new.handle,
        is_live=new.is_live,
    )
    AccountVersion.objects.of(account).create(
        id=version_id, account_id=account_id, number=1, created_at=now, **asdict(new.party)
    )
    audit.record(
        account=account,
        actor="owner",
        act="account.opened",
        subject=("account", account_id),
        at=now,
    )


def decimal(numerator: int, denominator: int) -> Decimal:
    """A checked rate as the exact decimal its column holds."""
    return Decimal(numerator) / Decimal(denominator)
