"""What every command of the operator has in common."""

from abc import ABC, abstractmethod
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.roles import OpenWall, refuse_open_walls
from kernel.errors import KontorError


def count(text: str) -> int:
    """A whole number from 1, for a parser's `type`."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


class OperatorCommand(BaseCommand, ABC):
    """Refuses to start while the account walls do not stand, and shows refusals as sentences."""

    requires_system_checks: list[str] = []

    def handle(self, *_: Any, **options: Any) -> None:
        """Never overridden: a command says what it does in `act`."""
        try:
            refuse_open_walls()
            self.act(options)
        except (KontorError, OpenWall) as refusal:
            raise CommandError(str(refusal)) from refusal

    @abstractmethod
    def act(self, options: dict[str, Any]) -> None:
        """Do the work; a `KontorError` ends it with exit code 1 and its sentence."""
