"""The journal: balanced, append-only."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"
