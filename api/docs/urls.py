"""Addresses of the documentation."""

from django.urls import path

from api.docs import views

app_name = "docs"
urlpatterns = [
    path("", views.page, name="page"),
    path("openapi.json", views.openapi, name="openapi"),
    path("reference/objects", views.models, name="models"),
    path("reference/objects/<str:name>", views.model, name="model"),
    path("reference/<str:name>", views.group, name="group"),
    path("<str:name>", views.page, name="page"),
]
