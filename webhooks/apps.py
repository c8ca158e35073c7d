"""What merchants' programs are told, and whether they heard it."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"
