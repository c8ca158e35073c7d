"""Addresses for programs."""

from django.urls import path

from api.callbacks import simulated

app_name = "api"
urlpatterns = [path("simulated", simulated, name="callback_simulated")]
