"""What the rooms of an app may not do; which room imports which is import-linter's to say."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import (
    APPS,
    Source,
    broken,
    calls,
    dotted,
    functions,
    imports,
    planted,
    product,
    public_functions,
)

ENQUEUERS = {
    "foundation/jobs.py": "nudge, whose loss is harmless",
    "foundation/tasks.py": "the sweep of the due list",
    "billing_platform/celery.py": "beat's first heartbeat",
}
ENQUEUES = {"delay", "apply_async", "send_task"}

WITHOUT_ACCOUNT = {
    "open_organisation": "the account comes into being with it",
    "open_account": "the account comes into being with it",
    "add_user": "a person belongs to no account until she is its member",
    "prove_identity": "a person logs in before any account is chosen",
    "set_password": "a person's password is hers over all accounts",
    "prefer": "a person's own habits, whatever account she looks at",
    "columns": "arithmetic",
    "decimal": "arithmetic",
    "number_once": "words for a constraint",
    "local_text": "arithmetic",
    "refuse_other_currency": "a judgement of two values",
    "gateway_of": "a look into the settings",
    "usual_patience": "a look into the settings",
    "batch_size": "a look into the settings",
    "lose": "moves one row that its caller has locked",
    "refuse_url": "a judgement of an address",
}
"""Public functions in rooms of commands that need no account, each with the reason."""

QUERIES_WITHOUT_ACCOUNT = {
    "key_hash": "arithmetic",
    "account_of_key": "finds the account: the one route from a key",
    "open_key": "finds the account: the one route from a key",
    "boundary_of": "arithmetic",
    "schedule_of": "a version's own columns as a value",
    "routes": "the operator's list of accounts, before one is chosen",
    "places_of": "the accounts a person may choose from",
    "route_of": "finds the account by the name an operator gives it",
}
SWEEPERS = {"sweep", "heartbeat", "keep_house", "seal_audit_trails"}
"""The tasks of no account: they wake others, show life, keep the tables in shape, and go through
all accounts by the door of each."""
SWEEPING_APPS = {"foundation", "operations"}

ROOMS = {
    "__init__.py",
    "apps.py",
    "commands",
    "domain",
    "errors.py",
    "events.py",
    "handlers.py",
    "limits.py",
    "listings.py",
    "locale",
    "migrations",
    "models.py",
    "queries",
    "queries.py",
    "tasks.py",
}
MORE_ROOMS = {
    "invoicing": {"paper"},
    "messaging": {"transport"},
    "payments": {"gateways", "acquirer"},
}
"""What an app has beside: invoicing the look of its documents, messaging its port to the mail
server, payments its port to acquirers, and an acquirer to try it with."""

DOOR_STATEMENTS_MAX = 5

NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


def enqueuing(source: Source) -> Iterator[str]:
    if source.path not in ENQUEUERS:
        for call in calls(source.tree):
            if isinstance(call.func, ast.Attribute) and call.func.attr in ENQUEUES:
                yield source.at(call, f"{call.func.attr}: note what is due, and jobs.nudge")


def hidden_paths(source: Source) -> Iterator[str]:
    """Overridden saving, Django's signals: paths that a reader of the caller does not see. What a
    view calls `delete` answers that method of HTTP."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and not source.lies_in("api"):
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name in {"save", "delete"}:
                    yield source.at(each, f"{node.name}.{each.name} hides what it does")
    for node, name in imports(source.tree):
        if name.startswith(("django.db.models.signals", "django.dispatch")):
            yield source.at(node, "publish an event instead of a signal")


def accountless(source: Source) -> Iterator[str]:
    """Commands take `account` first and by keyword; what drives them takes the id first.

    The operator's acts lie above: they open accounts, and go through several.
    """
    if "/commands/" not in source.path or source.lies_in("operations", "foundation"):
        return
    for function in public_functions(source.tree):
        if function.name in WITHOUT_ACCOUNT:
            continue
        arguments = function.args
        if arguments.args:
            first, allowed = arguments.args[0].arg, {"account", "account_id"}
        else:
            first = arguments.kwonlyargs[0].arg if arguments.kwonlyargs else "nothing"
            allowed = {"account"}
        if first not in allowed:
            yield source.at(function, f"{function.name} begins with {first}")


def unscoped_queries(source: Source) -> Iterator[str]:
    is_read = source.path.endswith("/queries.py") or "/queries/" in source.path
    if source.app not in APPS or not is_read:
        return
    for function in public_functions(source.tree):
        first = function.args.args[0].arg if function.args.args else "nothing"
        if function.name not in QUERIES_WITHOUT_ACCOUNT and first != "account":
            yield source.at(function, f"{function.name} begins with {first}")


def accountless_tasks(source: Source) -> Iterator[str]:
    for function in functions(source.tree):
        if any("shared_task" in dotted(_target(each)) for each in function.decorator_list):
            first = function.args.args[0].arg if function.args.args else "nothing"
            is_sweeper = source.app in SWEEPING_APPS and function.name in SWEEPERS
            if first != "account_id" and not is_sweeper:
                yield source.at(function, f"task {function.name} begins with {first}")


def clocks_in_the_pure_room(source: Source) -> Iterator[str]:
    if "/domain/" in source.path:
        for node, name in imports(source.tree):
            is_whole = name == "kernel.clock" and isinstance(node, ast.Import)
            if is_whole or name in {"kernel.clock.wall_now", "kernel.clock.business_now"}:
                yield source.at(node, "the pure room is told what time it is")


def strange_rooms(source: Source) -> Iterator[str]:
    app, room = [*source.path.split("/"), ""][:2]
    is_below = app in APPS and app not in {"operations", "api", "dashboard", "portal"}
    if is_below and room not in ROOMS | MORE_ROOMS.get(app, set()):
        yield f"{source.path}: no room of that name"


def deciding_doors(source: Source) -> Iterator[str]:
    """Handlers and tasks unpack and call one command: a few statements, no branches to speak of."""
    if source.path.endswith(("/handlers.py", "/tasks.py")):
        for function in functions(source.tree):
            statements = [each for each in ast.walk(function) if isinstance(each, ast.stmt)]
            own = len(statements) - 1 - bool(ast.get_docstring(function))
            if own > DOOR_STATEMENTS_MAX:
                yield source.at(function, f"{function.name} does {own} things")


def silent_modules(source: Source) -> Iterator[str]:
    if source.tree.body and not ast.get_docstring(source.tree):
        yield f"{source.path}: say in a sentence what it is for"


def nameless(source: Source) -> Iterator[str]:
    parts = source.path.removesuffix(".py").split("/")
    if NAMELESS & set(parts):
        yield f"{source.path}: a thing without a name has not been understood yet"


def many_abstractions(source: Source) -> Iterator[str]:
    """A base class has one abstract method at most; a part of the front door has two."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            abstract = [
                each.name
                for each in node.body
                if isinstance(each, ast.FunctionDef)
                and any(dotted(one).endswith("abstractmethod") for one in each.decorator_list)
            ]
            limit = 2 if source.lies_in("billing_platform/frontdoor") else 1
            if len(abstract) > limit:
                yield source.at(node, f"{node.name} leaves {', '.join(abstract)} open")


def _target(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


RULES = (
    enqueuing,
    hidden_paths,
    accountless,
    unscoped_queries,
    accountless_tasks,
    clocks_in_the_pure_room,
    nameless,
    many_abstractions,
    strange_rooms,
    deciding_doors,
    silent_modules,
)

SAMPLES = [
    (enqueuing, "payments/handlers.py", "perform_attempts.delay(1)"),
    (enqueuing, "payments/commands/x.py", "task.apply_async(args=[1])"),
    (hidden_paths, "catalog/models.py", "class Plan:\n  def save(self): ..."),
    (hidden_paths, "catalog/apps.py", "from django.db.models.signals import post_save"),
    (hidden_paths, "catalog/apps.py", "from django.dispatch import receiver"),
    (accountless, "catalog/commands/x.py", "def sell(*, plan, account): ..."),
    (accountless, "catalog/commands/x.py", "def sell(plan): ..."),
    (accountless, "catalog/commands/x.py", "def sell(): ..."),
    (unscoped_queries, "catalog/queries.py", "def plans(handle, account): ..."),
    (accountless_tasks, "catalog/tasks.py", "@shared_task\ndef work(): ..."),
    (accountless_tasks, "catalog/tasks.py", "@shared_task(acks_late=True)\ndef work(id): ..."),
    (accountless_tasks, "catalog/tasks.py", "@shared_task\ndef sweep(): ..."),
    (clocks_in_the_pure_room, "catalog/domain/x.py", "from kernel.clock import wall_now"),
    (clocks_in_the_pure_room, "catalog/domain/x.py", "import kernel.clock"),
    (strange_rooms, "catalog/services.py", ""),
    (strange_rooms, "catalog/gateways/x.py", ""),
    (deciding_doors, "catalog/tasks.py", "def f(a):\n" + "    a = 1\n" * 6),
    (silent_modules, "catalog/x.py", "a = 1"),
    (nameless, "catalog/utils.py", ""),
    (nameless, "catalog/helpers/plan.py", ""),
    (
        many_abstractions,
        "catalog/x.py",
        "class A:\n  @abstractmethod\n  def a(self): ...\n  @abstractmethod\n  def b(self): ...",
    ),
]

KEPT_SAMPLES = [
    (accountless, "catalog/commands/x.py", "def sell(*, account, plan): ..."),
    (accountless, "catalog/commands/x.py", "def drive(account_id, *, batches): ..."),
    (accountless_tasks, "foundation/tasks.py", "@shared_task\ndef sweep(): ..."),
    (clocks_in_the_pure_room, "catalog/domain/x.py", "from kernel.clock import zone"),
    (strange_rooms, "payments/gateways/x.py", ""),
    (deciding_doors, "catalog/tasks.py", 'def f(a):\n    """b"""\n' + "    a = 1\n" * 5),
    (silent_modules, "catalog/__init__.py", ""),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule):
    assert not broken(rule, product())


@pytest.mark.parametrize(("rule", "path", "text"), SAMPLES)
def test_a_planted_breach_is_seen(rule, path, text):
    assert broken(rule, [planted(path, text)])


@pytest.mark.parametrize(("rule", "path", "text"), KEPT_SAMPLES)
def test_what_is_allowed_is_not_reported(rule, path, text):
    assert not broken(rule, [planted(path, text)])


def test_every_excuse_still_excuses_something():
    """An exception that nobody needs any more is a hole in the rule."""
    written = {each.name for source in product() for each in functions(source.tree)}

    assert (set(WITHOUT_ACCOUNT) | set(QUERIES_WITHOUT_ACCOUNT) | SWEEPERS) - written == set()
    assert [path for path in ENQUEUERS if path not in {each.path for each in product()}] == []
