"""build the demo world, two years of two merchants, unless it is there; say how to log in

A build that was interrupted goes on where it stopped. Each merchant is built by a process of its
own, as the story is lived through day by day on the account's own clock.
"""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from accounts.models import Account
from accounts.queries import route_of
from foundation.tenancy import tenant
from kernel import clock
from operations.commands import demo_people, demo_world
from operations.demo_proof import problems, totals
from operations.domain.demo import PERCENT, Merchant
from operations.domain.demo_merchants import MERCHANTS
from operations.domain.demo_people import PEOPLE, password
from operations.management.operator_command import OperatorCommand, count

INTERRUPTED = 130
STOP_SECONDS = 20


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", metavar="SUBDOMAIN", help="live this merchant's story alone")
        parser.add_argument(
            "--percent", type=count, default=PERCENT, help="of all subscribers (100)"
        )
        parser.add_argument(
            "--months",
            type=count,
            default=demo_world.MONTHS,
            help=f"whole months before the present one ({demo_world.MONTHS})",
        )

    def act(self, options: dict[str, Any]) -> None:
        merchants = {each.subdomain: each for each in MERCHANTS}
        only = options["only"]
        if only is not None and only not in merchants:
            raise CommandError(f"The merchants are {', '.join(merchants)}, not {only}.")
        try:
            if only is not None:
                self._live(merchants[only], options["percent"], options["months"])
            else:
                self._make_world(options)
        except KeyboardInterrupt:
            # The person at the keyboard knows why; what was done stays done.
            sys.exit(INTERRUPTED)

    def _live(self, merchant: Merchant, percent: int, months: int) -> None:
        """Ctrl-C is obeyed between two days, so that nothing is left under way."""
        reporter = _Months(self, merchant)
        signal.signal(signal.SIGINT, reporter.stop)
        account_id = demo_world.build(
            merchant, clock.wall_now(), percent=percent, months=months, on_day=reporter.hear
        )
        with tenant(account_id) as account:
            wrong = problems(account)
        if wrong:
            raise CommandError("\n".join([f"{merchant.name}'s books do not fit:", *wrong]))
        reporter.say(account_id, "whole")

    def _make_world(self, options: dict[str, Any]) -> None:
        begun, now = time.monotonic(), clock.wall_now()
        host = MERCHANTS[0]
        if demo_people.sandbox_of(host) is None:
            self.stdout.write("building the demo world: two merchants, two years, day by day")
            _side_by_side(options["percent"], options["months"])
            ids = {each.subdomain: _id_of(each) for each in MERCHANTS}
            demo_people.invite(ids, password=password(settings.SECRET_KEY), now=now)
            demo_people.open_sandbox(host, beside=ids[host.subdomain], now=now)
            self.stdout.write(
                f"All books of both merchants fit to the cent, in {time.monotonic() - begun:.0f} s."
            )
        self._say_how(host)

    def _say_how(self, host: Merchant) -> None:
        sandbox_id = demo_people.open_sandbox(host, beside=_id_of(host), now=clock.wall_now())
        key = demo_people.quick_start_key(sandbox_id, now=clock.wall_now())
        if key is not None:
            self.stdout.write(
                f"\nAn API key of the empty account {host.subdomain}/{demo_people.SANDBOX}, shown "
                f"this once:\n  {key.key}"
            )
        self.stdout.write("\nLog in with the password " + password(settings.SECRET_KEY))
        for person in PEOPLE:
            places = " and ".join(person.organisations)
            self.stdout.write(f"  {person.email:<28} {person.role} at {places}")


class _Months:
    """Says once a month how far the story is."""

    def __init__(self, command: Command, merchant: Merchant) -> None:
        self.out, self.merchant, self.begun = command.stdout, merchant, time.monotonic()
        self.shown: str | None = None
        self.is_stopping = False

    def stop(self, _number: int, _frame: object) -> None:
        self.is_stopping = True

    def hear(self, account_id: UUID, at: datetime) -> None:
        if self.is_stopping:
            raise KeyboardInterrupt
        month = f"{at.astimezone(clock.zone(self.merchant.zone)):%Y-%m}"
        if self.shown not in {None, month}:
            self.say(account_id, str(self.shown))
        self.shown = month

    def say(self, account_id: UUID, when: str) -> None:
        with tenant(account_id) as account:
            line = _line(account)
        took = time.monotonic() - self.begun
        self.out.write(f"{self.merchant.subdomain:<12} {when:<8} {line}  ({took:.0f} s)")


def _line(account: Account) -> str:
    return str(totals(account))


def _id_of(merchant: Merchant) -> UUID:
    return route_of(f"{merchant.subdomain}/{demo_world.HANDLE}").account_id


def _side_by_side(percent: int, months: int) -> None:
    """A process for each merchant; should one fail or we be stopped, none is left behind."""
    size = ["--percent", str(percent), "--months", str(months)]
    argv = [sys.executable, "manage.py", "demo", *size, "--only"]
    before = signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    # What is parked belongs to the story: a log of it would drown the lines that people read.
    env = {"KONTOR_LOG_LEVEL": "CRITICAL"} | dict(os.environ)
    builders = [
        subprocess.Popen([*argv, each.subdomain], cwd=settings.BASE, env=env)  # noqa: S603
        for each in MERCHANTS
    ]
    try:
        failed = [each for each in builders if each.wait()]
    finally:
        signal.signal(signal.SIGTERM, before)
        for each in builders:
            _stop(each)
    if failed:
        raise CommandError("The demo world is not whole; ./kontor demo goes on with it.")


def _stop(builder: "subprocess.Popen[bytes]") -> None:
    if builder.poll() is None:
        builder.send_signal(signal.SIGINT)
        try:
            builder.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            builder.kill()
            builder.wait()
