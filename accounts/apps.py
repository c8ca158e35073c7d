"""Organisations, accounts, people and keys."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
