"""Many rows in one statement, under the account's policy.

PostgreSQL refuses COPY to a role that is subject to row-level security, so rows are copied into
a temporary table of the session and inserted from there: the policy judges every one of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache, partial
from hashlib import blake2s
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import connection, models, transaction

from foundation.tenancy import current_scope

Row = Sequence[Any]
_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


_made: WeakKeyDictionary[Any, set["_Plan"]] = WeakKeyDictionary()
"""The stages that each session has: those of transactions that were committed."""


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    same: Mapping[str, Any] | None = None,
) -> None:
    """Insert `rows`, values in the order of `columns`; the account is the transaction's.

    What all rows have in common goes into `same` and over the wire once. Columns in neither get
    the database's default, an identity its next number. One statement: statement triggers see
    all rows at once.
    """
    assert not connection.savepoint_ids, "a rolled back savepoint takes the stage with it"
    shared = same or {}
    scope = current_scope()
    stages = scope.carried.setdefault("stages", set())
    plan = _plan(model, tuple(columns), tuple(shared))
    data = "\n".join(list(map(plan.render, rows)))
    if not data:
        return
    with connection.cursor() as cursor:
        if plan in stages:
            cursor.execute(plan.clear)
        elif plan not in _made.setdefault(connection.connection, set()):
            cursor.execute(plan.make)
            transaction.on_commit(partial(_made[connection.connection].add, plan))
        stages.add(plan)
        # Django wraps the errors of statements but not of COPY; `jobs` tells by its classes.
        with connection.wrap_database_errors, cursor.copy(plan.copy) as copy:
            copy.write(data)
        cursor.execute(plan.move, [scope.account_id, *shared.values()])


class _Plan(NamedTuple):
    """How rows of one table and these columns are put in: a renderer and four statements."""

    render: Callable[[Row], str]
    make: str
    copy: str
    move: str
    clear: str


@cache
def _plan(model: type[models.Model], columns: tuple[str, ...], shared: tuple[str, ...]) -> _Plan:
    """Make the stage if this session has none, copy into it, move its rows on, and empty it for
    a second use in the same transaction; at the commit it empties itself."""
    table = model._meta.db_table
    fields = {field.attname: field for field in model._meta.concrete_fields}
    digest = blake2s(",".join((*columns, "", *shared)).encode(), digest_size=4).hexdigest()
    stage = f'"stage_{digest}_{table}"'
    listed = ", ".join(f'"{column}"' for column in columns)
    into = "".join(f', "{column}"' for column in shared)
    values = "".join(f", %s::{fields[column].db_type(connection)}" for column in shared)
    return _Plan(
        _renderer([fields[column] for column in columns]),
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS "
        f"AS SELECT {listed} FROM {table} WITH NO DATA",
        f"COPY {stage} ({listed}) FROM STDIN",
        f"INSERT INTO {table} (account_id{into}, {listed}) "
        f"SELECT %s::uuid{values}, {listed} FROM {stage}",
        f"TRUNCATE {stage}",
    )


def _renderer(fields: Sequence["models.Field[Any, Any]"]) -> Callable[[Row], str]:
    """A function from a row to its line of COPY, built once from the types of the columns.

    A format with one slot a column is several times as fast as a look at each value's type.
    """
    slots = [_slot(field, f"row[{at}]") for at, field in enumerate(fields)]
    source = "lambda row: f'" + "\\t".join(f"{{{slot}}}" for slot in slots) + "'"
    render: Callable[[Row], str] = eval(source, {"text": _text, "day": _day, "absent": r"\N"})  # noqa: S307
    return render


def _slot(field: "models.Field[Any, Any]", value: str) -> str:
    """The expression that renders one value; only text can hold what COPY takes as a sign.

    An identifier goes by its bytes, which takes a third of the time of `UUID.hex`.
    """
    rendered = value
    if isinstance(field, models.UUIDField | models.ForeignKey):
        rendered = f"{value}.int.to_bytes(16).hex()"
    elif isinstance(field, models.CharField | models.TextField | models.JSONField):
        rendered = f"text({value})"
    elif isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        rendered = f"day({value})"
    return f"(absent if {value} is None else {rendered})" if field.null else rendered


_day = lru_cache(maxsize=4096)(date.isoformat)
"""The same few days stand on all lines of a batch."""


def _text(value: str) -> str:
    if value.isprintable() and "\\" not in value:
        return value
    return value.translate(_SPECIAL)
