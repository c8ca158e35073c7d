"""The words that the front door knows."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from billing_platform.frontdoor.paths import CLONE
from billing_platform.frontdoor.say import Trouble, answer

Handler = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Word:
    """One word. Its module is imported only when it is said: help and doctor need no packages."""

    summary: str
    module: str
    handler: str

    def run(self, arguments: Sequence[str]) -> int:
        module = import_module(f"billing_platform.frontdoor.{self.module}")
        handler: Handler = getattr(module, self.handler)
        return handler(arguments)


WORDS = {
    "up": Word(
        "start everything, at first with the demo world, say when it is ready, stop all on Ctrl-C "
        "[--port N] [--empty]",
        "up",
        "up",
    ),
    "doctor": Word(
        "what is there and what is missing, with the command that mends it", "doctor", "doctor"
    ),
    "test": Word(
        "the whole gate, or with arguments only those tests [--keep-going]", "gate", "test"
    ),
    "features": Word(
        "run the tests that prove these checklist ids, and name the unproven [ID…]; --wire counts "
        "the operations of the API that are served",
        "features",
        "features",
    ),
    "bench": Word("run bench/NAME.py beside fresh durable servers", "gate", "bench"),
    "torture": Word(
        "kill and restart runs at random until all is proven [--seed N]", "gate", "torture"
    ),
    "messages": Word("compile the translations", "catalogues", "messages"),
    "help": Word("this list", "words", "show_help"),
}
# One process each in the foreground, for machines with their own supervisor.
SINGLES = {
    "migrate": Word(
        "bring the database to the newest shape, and grant the roles", "manage", "migrate_alone"
    ),
    "web": Word("only the web server [--host H] [--port N]", "single", "web"),
    "worker": Word("only the Celery worker", "single", "worker"),
    "beat": Word("only Celery's beat", "single", "beat"),
    "acquirer": Word("only the simulated acquirer", "single", "acquirer"),
}


def call(arguments: Sequence[str]) -> int:
    """Hand the first word to whoever knows it; what we do not know is Django's."""
    word, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if word in {"-h", "--help"}:
        word = "help"
    known = WORDS.get(word) or SINGLES.get(word)
    if known:
        return known.run(rest)
    return Word("", "manage", "manage").run(arguments)


def commands() -> dict[str, str]:
    """Our own management commands by name, each with the first line of its module's text."""
    found = {}
    for path in sorted(CLONE.glob("*/management/commands/*.py")):
        if not path.stem.startswith("_"):
            text = ast.get_docstring(ast.parse(path.read_text())) or ""
            found[path.stem.replace("_", "-")] = text.partition("\n")[0]
    return found


def show_help(arguments: Sequence[str]) -> int:
    if arguments:
        raise Trouble("help takes no word; ask ./kontor WORD --help.")
    answer("./kontor WORD …\n")
    for word, what in WORDS.items():
        answer(f"  {word:<16} {what.summary}")
    answer("\nBilling:")
    for name, summary in commands().items():
        answer(f"  {name:<16} {summary}")
    answer("\nOne process at a time, in the foreground:")
    for word, what in SINGLES.items():
        answer(f"  {word:<16} {what.summary}")
    answer("\nAny other word is handed to Django: ./kontor shell, ./kontor makemigrations, …")
    return 0
