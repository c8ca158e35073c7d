"""The door to an account, and the first of the three walls around it.

Wall 1 is here: every table of an account is read through ``Model.objects.of(account)``, which
refuses any account but the transaction's. Wall 2 is row-level security and wall 3 the composite
foreign keys, both written by ``foundation.walls``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast, overload
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from psycopg.pq import TransactionStatus

from kernel.errors import NotFound

if TYPE_CHECKING:
    from accounts.models import Account

GLOBAL_TABLES: Mapping[str, str] = {
    "accounts_user": "a person logs in before any account is known",
    "accounts_membership": "route: person to account",
    "accounts_apikeyroute": "route: hash of a key to account",
    "accounts_accountroute": "route: the names an operator calls an account by",
    "accounts_loginthrottle": "failed log-ins by digest, before any person or account is known",
    "foundation_dueitem": "the due list: account, kind, instant and nothing else",
    "foundation_capabilityroute": "route: hash of a hosted page's token to account",
    "foundation_heartbeat": "when worker and beat were last alive",
    "django_session": "a browser's log-in, before any account is known",
    "django_content_type": "Django's own",
    "django_migrations": "Django's own",
    "auth_group": "Django's own",
    "auth_group_permissions": "Django's own",
    "auth_permission": "Django's own",
}
"""Every table outside the walls, with its reason; a test compares this with the catalogue."""


class Tenant(Protocol):
    """Whatever has the id of an account."""

    @property
    def id(self) -> UUID: ...


class WrongTenant(RuntimeError):
    """A programming error: rows were asked for outside the account's own transaction."""


@dataclass(slots=True)
class Scope:
    """What one account's transaction carries until it commits."""

    account_id: UUID
    own_clock: bool = False
    carried: dict[str, Any] = field(default_factory=dict)
    before_commit: list[Callable[[], None]] = field(default_factory=list)
    at_last: list[Callable[[], None]] = field(default_factory=list)


_SCOPE = "kontor_scope"


def current_scope() -> Scope:
    """The transaction's account; raises `WrongTenant` outside a door."""
    scope = getattr(connection, _SCOPE, None)
    if scope is None:
        raise WrongTenant("no account: enter it by `with tenant(account_id)` first")
    return cast("Scope", scope)


def require(account: Tenant) -> None:
    """Raises `WrongTenant` unless `account` is the transaction's account."""
    scope = current_scope()
    if scope.account_id != account.id:
        raise WrongTenant(f"the transaction belongs to account {scope.account_id}")


@contextmanager
def tenant(account_id: UUID | str) -> Iterator["Account"]:
    """Open the account's transaction; entering the same account again joins it.

    Raises `NotFound` when there is no such account and `WrongTenant` inside another account's
    transaction.
    """
    wanted = _id(account_id)
    open_scope = getattr(connection, _SCOPE, None)
    if open_scope is not None:
        if open_scope.account_id != wanted:
            raise WrongTenant(f"inside account {open_scope.account_id}, asked for {wanted}")
        yield _load(wanted)
        return
    with opening(wanted) as scope:
        account = _load(wanted)
        scope.own_clock = account.clock_at is not None
        yield account


@contextmanager
def opening(account_id: UUID) -> Iterator[Scope]:
    """The door without the account's row: for the one command that makes the row."""
    if getattr(connection, _SCOPE, None) is not None:
        raise WrongTenant("an account's transaction is already open")
    with transaction.atomic(durable=True):
        scope = Scope(account_id=account_id)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.account', %s, true)", [str(account_id)])
        setattr(connection, _SCOPE, scope)
        try:
            yield scope
            while scope.before_commit or scope.at_last:
                (scope.before_commit or scope.at_last).pop(0)()
            _refuse_lost_commit()
        finally:
            setattr(connection, _SCOPE, None)


def _refuse_lost_commit() -> None:
    """PostgreSQL answers the commit of a failed transaction with a silent rollback: when somebody
    swallowed a statement's error, nothing of this transaction would be kept, and nobody told."""
    if connection.connection.info.transaction_status == TransactionStatus.INERROR:
        raise RuntimeError("a statement failed and its error was swallowed: nothing is kept")


def _id(account_id: UUID | str) -> UUID:
    try:
        return account_id if isinstance(account_id, UUID) else UUID(account_id)
    except ValueError as error:
        raise NotFound("account", account_id) from error


def _load(account_id: UUID) -> "Account":
    model: type[models.Model] = apps.get_model(settings.TENANT_MODEL)
    statement, names = _selecting(model)
    with connection.cursor() as cursor:
        cursor.execute(statement, [account_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("account", str(account_id))
    return cast("Account", model.from_db(connection.alias, names, row))


@cache
def _selecting(model: type[models.Model]) -> tuple[str, list[str]]:
    """Composed once: every door asks this, and composing it anew costs more than the answer."""
    fields = model._meta.concrete_fields
    assert not any(each.get_db_converters(connection) for each in fields), "read as they are"
    statement, _ = model._base_manager.filter(pk=UUID(int=0)).query.sql_with_params()
    return statement, [each.attname for each in fields]


M = TypeVar("M", bound=models.Model)


class TenantManager(models.Manager[M]):
    """Wall 1: there is no way in but `of`."""

    def of(self, account: Tenant) -> models.QuerySet[M]:
        """The account's rows; raises `WrongTenant` when it is not the transaction's account."""
        require(account)
        return super().get_queryset().filter(account_id=account.id)

    def get_queryset(self) -> models.QuerySet[M]:
        raise WrongTenant(f"{self.model.__name__}.objects.of(account) is the only way in")


@overload
def parent(model: str, *, optional: bool = ...) -> "models.ForeignKey[models.Model]": ...
@overload
def parent(model: type[M], *, optional: bool = ...) -> "models.ForeignKey[M]": ...
def parent(model: type[models.Model] | str, *, optional: bool = False) -> "models.ForeignKey[Any]":
    """A relation whose key is the composite one (account, id) that `foundation.walls` writes;
    where it is `optional`, a row may have no such parent."""
    return models.ForeignKey(
        model,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        null=optional,
    )


def beside(model: type[M], **match: object) -> models.QuerySet[M]:
    """For a subquery: rows of `model` in the account of the outer row, which came in by `of`."""
    return model._base_manager.filter(account_id=models.OuterRef("account_id"), **match)


class TenantModel(models.Model):
    """A table of the account's closed world.

    The database's primary key is (account, id), written by `foundation.walls`; no foreign key
    of Django's reaches it, so every relation is made by `parent` and gets its composite key there.
    """

    account = models.ForeignKey(
        settings.TENANT_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    objects = TenantManager()

    class Meta:
        abstract = True
