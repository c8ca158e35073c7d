"""The pages for people and the health page for machines."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
