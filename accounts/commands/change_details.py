"""Change what the merchant says of itself; documents keep what they said."""

from dataclasses import asdict
from datetime import datetime

from accounts.commands.open_account import decimal
from accounts.domain.details import Party, Terms, text
from accounts.domain.logo import logo
from accounts.models import Account, AccountVersion
from accounts.queries import party as current_party
from foundation import audit, files
from foundation.tenancy import require
from kernel.errors import Refused
from kernel.ids import new_id

TERMS_OF_SERVICE_MAX = 50_000


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
    _record(account, "account.party_changed", actor, now, fields)


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
    _record(account, "account.terms_changed", actor, now, fields)


def change_logo(*, account: Account, content: bytes, actor: str, now: datetime) -> None:
    """Another logo, or none for no content; raises `Invalid` for what is no picture."""
    require(account)
    locked = Account.objects.select_for_update().get(id=account.id)
    mime = logo(content).mime if content else ""
    digest = files.put(account, content) if content else ""
    if (locked.logo_digest, locked.logo_mime) == (digest, mime):
        return
    account.logo_digest, account.logo_mime = digest, mime
    account.save(update_fields=["logo_digest", "logo_mime"])
    _record(account, "account.logo_changed", actor, now, ["logo"])


def change_terms_of_service(*, account: Account, words: str, actor: str, now: datetime) -> None:
    """What customers agree to, as plain text: every page that shows it escapes it."""
    require(account)
    shown = text(
        words.replace("\r\n", "\n").strip(),
        field="terms_of_service",
        limit=TERMS_OF_SERVICE_MAX,
    )
    locked = Account.objects.select_for_update().get(id=account.id)
    if locked.terms_of_service == shown:
        return
    account.terms_of_service = shown
    account.save(update_fields=["terms_of_service"])
    _record(account, "account.terms_of_service_changed", actor, now, ["terms_of_service"])


def _record(account: Account, act: str, actor: str, now: datetime, fields: list[str]) -> None:
    audit.record(
        account=account,
        actor=actor,
        act=act,
        subject=("account", account.id),
        at=now,
        fields=fields,
    )
