"""Every address of the web server."""

from django.urls import include, path

urlpatterns = [
    path("", include("dashboard.urls")),
    path("callbacks/", include("api.urls")),
]
