"""What customers are written: mails, their templates and their way out."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"
