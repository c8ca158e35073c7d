"""Change what the merchant says of itself; documents keep what they said."""

from dataclasses import asdict
from datetime import datetime

from accounts.commands.open_account import decimal
from accounts.domain.details import Party, Terms
from accounts.models import Account, AccountVersion
from accounts.queries import party as current_party
from foundation import audit
from foundation.tenancy import require
from kernel.errors import Refused
from kernel.ids import new_id


def change_party(*, account: Account, party: Party, actor: str, now: datetime) -> None:
    """A new version of name and address; the same again changes nothing."""
    require(account)
    locked = Account.objects.select_for_update().get(id=account.id)
    current = current_party(locked)
    if all(getattr(current, name) == value for name, value in asdict(party).items()):
        return
    version = AccountVersion.objects.of(account).create(
        id=new_id(),
        account_id=account.id,
        number=current.number + 1,
        created_at=now,
        **asdict(party),
    )
    account.version_id = version.id
    account.save(update_fields=["version_id"])
    fields = [name for name, value in asdict(party).items() if getattr(current, name) != value]
    audit.record(
        account=account,
        actor=actor,
        act="account.party_changed",
        subject=("account", account.id),
        at=now,
        fields=fields,
    )


def change_terms(*, account: Account, terms: Terms, actor: str, now: datetime) -> None:
    """Settings for what is billed from now on.

    Raises `Refused` for another currency once the account is or was live (product, account
    settings); the same again changes nothing.
    """
    require(account)
    locked = Account.objects.select_for_update().get(id=account.id)
    if locked.state != Account.State.TEST and terms.currency != locked.currency:
        raise Refused(
            "currency_locked",
            "The currency of a live account stays {currency}.",
            currency=locked.currency,
        )
    values = asdict(terms)
    values["default_vat"] = decimal(terms.default_vat.numerator, terms.default_vat.denominator)
    fields = [name for name, value in values.items() if getattr(locked, name) != value]
    if not fields:
        return
    for name in fields:
        setattr(account, name, values[name])
    account.save(update_fields=fields)
    audit.record(
        account=account,
        actor=actor,
        act="account.terms_changed",
        subject=("account", account.id),
        at=now,
        fields=fields,
    )
