"""Every address of the web server."""

from django.urls import include, path

from api.v1.base import Nowhere
from foundation.capabilities import HOSTED

urlpatterns = [
    path("", include("dashboard.urls")),
    path("callbacks/", include("api.urls")),
    path("docs/", include("api.docs.urls")),
    path(f"{HOSTED}/", include("portal.urls")),
    path("v1/", include("api.v1.urls")),
    path("v1", Nowhere.as_view()),
]
handler404 = "dashboard.doors.not_found"
