"""Views that do what a server must bear: read a row, take long, fail, publish a task, echo a body."""

import time

from celery import current_app
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt


def row(request: HttpRequest, key: int) -> HttpResponse:
    return JsonResponse({"id": ContentType.objects.filter(pk=key).values_list("pk", flat=True).first()})


@csrf_exempt
def slow_write(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        made = ContentType.objects.create(app_label="web", model="draining")
        time.sleep(1.5)
    return JsonResponse({"id": made.pk}, status=201)


def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("token=abcdefghijkl is in here")


@csrf_exempt
def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body, headers={"X-Length": str(len(request.body))})


def ring(request: HttpRequest) -> HttpResponse:
    current_app.send_task("schedule.run_due", queue="billing")
    return JsonResponse({"request_id": request.request_id})


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(str(number) for number in range(1000))


urlpatterns = [
    path("v1/rows/<int:key>", row),
    re_path(r"^v1/old/(?P<key>[0-9]{1,9})$", row),
    path("v1/slow", slow_write),
    path("v1/crash", crash),
    path("v1/echo", echo),
    path("v1/ring", ring),
    path("v1/stream", stream),
]
