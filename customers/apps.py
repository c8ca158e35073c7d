"""Who buys and is invoiced."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "customers"
