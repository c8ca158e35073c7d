"""`./kontor torture [--seed N] [--subscriptions N] [--rounds N]`: the long form.

Beside servers of its own. Three runners bill an account at once while they are killed at random
and at every fault point, connections are cut and Valkey is emptied; then every row is judged.
"""

import os
import secrets
import signal
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from billing_platform.frontdoor.databases import clone_database, database_url, drop_database

if TYPE_CHECKING:
    from tests.torture.campaign import Figures

DATABASE = "torture"
FAULT_WIDTH = 400


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _say(f"seed {options.seed}: {options.subscriptions} subscriptions, {options.rounds} rounds")
    superuser_url = os.environ["KONTOR_TEST_SUPERUSER_URL"]
    clone_database(superuser_url, DATABASE)
    os.environ["KONTOR_APP_DATABASE_URL"] = database_url(
        os.environ["KONTOR_APP_DATABASE_URL"], DATABASE
    )
    try:
        with tempfile.TemporaryDirectory(prefix="kontor-torture-") as directory:
            return _torture(options, Path(directory))
    finally:
        drop_database(superuser_url, DATABASE)


def _torture(options: Namespace, directory: Path) -> int:
    # Django reads the environment when it is first imported.
    from tests.torture import preload  # noqa: F401
    from tests.torture.chamber import Chamber, long_round

    with Chamber(options.seed, DATABASE, directory) as chamber:
        chamber.furnish(options.subscriptions)
        for number in range(1, options.rounds + 1):
            _say(f"round {number}: {_told(chamber.go(number, long_round(number)))}")
        verdicts = chamber.verdicts()
        for each in verdicts:
            _say(f"{'NO ' if each.faults else 'yes'}  {each.title}")
            for fault in each.faults:
                _say(f"       {fault[:FAULT_WIDTH]}")
        _say(f"altogether: {_told(chamber.figures)}")
    failed = sum(bool(each.faults) for each in verdicts)
    _say(f"{failed} of {len(verdicts)} checks failed; --seed {options.seed} repeats the plan")
    return 1 if failed else 0


def _told(figures: "Figures") -> str:
    blows = figures.blows
    return (
        f"{figures.lives} lives, {figures.killed} killed at random, {figures.crashed.total()} at "
        f"{len(figures.crashed)} fault points, {blows['cut']} connections cut, "
        f"Valkey emptied {blows['flush']} times, the acquirer killed {blows['acquirer']} times, "
        f"the web {blows['ears']} times, "
        f"{figures.seconds:.1f} s"
    )


def _options() -> Namespace:
    parser = ArgumentParser(prog="./kontor torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--subscriptions", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=4)
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
