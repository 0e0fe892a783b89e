"""Doors for machines of the operator's own: Alertmanager and the synthetic probe. A token of the deployment, no key."""

import hmac
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import NotFound, TooLarge, Unauthenticated
from apps.monitoring.actions import alerts as alert_actions
from apps.monitoring.actions import reports
from apps.monitoring.rules import notices
from apps.rest.errors import problem_response, refusal
from apps.rest.objects import encode

ALERTMANAGER, PROBE = system("monitoring.alertmanager"), system("monitoring.probe")
MOST_BYTES = 1024 * 1024

Take = Callable[[bytes], dict[str, Any]]


def _door(take: Take) -> Callable[[HttpRequest], HttpResponse]:
    """A POST with INTERNAL_TOKEN as bearer. Without that setting there is no such place."""

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            _admit(request)
            return HttpResponse(encode(take(_body(request))), content_type="application/json")
        except Exception as error:  # noqa: BLE001 - rendered as everywhere: a problem document
            return problem_response(refusal(error), request)

    return view


def _admit(request: HttpRequest) -> None:
    if not settings.INTERNAL_TOKEN:
        raise NotFound("not_found", "There is no such address.", hint="Set INTERNAL_TOKEN to open it.")
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(given, f"Bearer {settings.INTERNAL_TOKEN}".encode()):
        raise Unauthenticated("internal_token", "No token.", hint="Send INTERNAL_TOKEN as bearer.")


def _body(request: HttpRequest) -> bytes:
    if len(request.body) > MOST_BYTES:
        raise TooLarge("body_too_large", "More than 1 MiB.", hint="Set max_alerts in Alertmanager's webhook.")
    return request.body


def _alerts(body: bytes) -> dict[str, Any]:
    heard = notices.post(body)
    resolved = alert_actions.hear(heard, at=clock.wall(), actor=ALERTMANAGER)
    return {"heard": len(heard), "resolved": resolved}


def _probes(body: bytes) -> dict[str, Any]:
    kept = reports.probed(notices.probe(body), at=clock.wall(), actor=PROBE)
    return {"region": kept.region, "success": kept.success}


alerts, probes = _door(_alerts), _door(_probes)
