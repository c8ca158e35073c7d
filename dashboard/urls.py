"""Addresses of the pages for people."""

from django.urls import path

from dashboard.views import healthz, status

app_name = "dashboard"
urlpatterns = [
    path("", status, name="status"),
    path("healthz", healthz, name="healthz"),
]
