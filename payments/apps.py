"""Methods, attempts and the gateways behind them."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"
