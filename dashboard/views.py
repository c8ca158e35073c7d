"""The health page for machines and the status page for people."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard.health import database_answers, look
from kernel.clock import wall_now


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 only while the database answers; for load balancers and the front door."""
    if database_answers():
        return JsonResponse({"status": "ok"})
    return JsonResponse({"status": "no database"}, status=503)


@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    now = wall_now()
    return render(request, "dashboard/status.html", {"health": look(now), "now": now})
