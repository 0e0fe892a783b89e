"""Make, change and delete endpoints, and give them new secrets."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q

from apps.events.declare import declared
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid, NotFound, Problem
from apps.kernel.matching import MOST, like, matches, well_formed
from apps.kernel.transactions import unit_of_work
from apps.rest.etags import demand
from apps.webhooks.actions.disable import disable
from apps.webhooks.actions.resend import resend_missed
from apps.webhooks.models import Endpoint, EndpointSecret, EndpointState
from apps.webhooks.rules.signature import new_secret
from apps.webhooks.rules.states import EndpointStatus, Format, Reason
from apps.webhooks.rules.targets import Refused, literal, may_call, networks, target
from apps.webhooks.rules.versions import VERSIONS

SECRETS = 5
"""So many secrets of one endpoint may be valid at once."""


def create(*, fields: Mapping[str, Any], at: datetime, actor: Actor) -> tuple[Endpoint, str]:
    """Make an endpoint; gives it and, this once, its secret. `secret` is given for other formats than ours.

    Errors: validation_failed (422) at url, event_types, api_version, secret.
    """
    values = dict(fields)
    secret = values.pop("secret", None)
    values.setdefault("api_version", settings.BILLING_API_VERSION)
    values.setdefault("event_types", ["*"])
    values.setdefault("format", Format.EVENT.value)
    _refuse([*_problems(values), *_secret_problems(values["format"], secret)])
    with unit_of_work(actor):
        endpoint = Endpoint.objects.create(
            **values, likes=[like(each) for each in values["event_types"]], created_at=at, updated_at=at
        )
        EndpointState.objects.create(endpoint=endpoint)
        given = secret or new_secret()
        EndpointSecret.objects.create(endpoint=endpoint, secret=given, created_at=at)
    return endpoint, given


def change(
    *, endpoint_id: UUID, fields: Mapping[str, Any], at: datetime, actor: Actor, expected: int | None = None
) -> Endpoint:
    """Change an endpoint. ENABLED sends what it missed while it was disabled, unless `catch_up` is false.

    Errors: endpoint_unknown (404), version_differs (412), validation_failed (422).
    """
    values = dict(fields)
    status, catch_up = values.pop("status", None), values.pop("catch_up", True)
    with unit_of_work(actor):
        endpoint = _locked(endpoint_id)
        demand(endpoint.version, expected)
        _refuse(_problems(values))
        if "event_types" in values:
            values["likes"] = [like(each) for each in values["event_types"]]
        if values:
            Endpoint.objects.filter(pk=endpoint.pk).update(**values, updated_at=at, version=F("version") + 1)
        if status == EndpointStatus.DISABLED:
            disable(endpoint.pk, reason=Reason.BY_HAND, at=at, actor=actor)
        elif status == EndpointStatus.ENABLED and endpoint.status == EndpointStatus.DISABLED:
            _enable(endpoint.pk, catch_up=catch_up, at=at, actor=actor)
        return Endpoint.objects.get(pk=endpoint.pk)


def delete(*, endpoint_id: UUID, at: datetime, actor: Actor) -> None:
    """Send it nothing any more, and show it no more; its log stays. Errors: endpoint_unknown (404)"""
    with unit_of_work(actor):
        endpoint = _locked(endpoint_id)
        Endpoint.objects.filter(pk=endpoint.pk).update(
            status=EndpointStatus.DELETED, updated_at=at, version=F("version") + 1
        )


def rotate(*, endpoint_id: UUID, overlap: timedelta, at: datetime, actor: Actor) -> tuple[Endpoint, str]:
    """Give it a new secret. Those before it go on signing for `overlap`, so that the receiver can change over.

    Errors: endpoint_unknown (404), secret_is_theirs, too_many_secrets (409).
    """
    with unit_of_work(actor):
        endpoint = _locked(endpoint_id)
        if endpoint.format != Format.EVENT:
            raise Conflict(
                "secret_is_theirs",
                "The key of this endpoint is given by whoever receives.",
                hint="Make another endpoint with the new key, and delete this one.",
            )
        valid = EndpointSecret.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at), endpoint=endpoint)
        if overlap and valid.count() >= SECRETS:
            raise Conflict(
                "too_many_secrets",
                f"{SECRETS} secrets are valid already.",
                hint="Wait until one has expired, or rotate with overlap_hours 0, which ends all of them.",
            )
        # Those that expire anyway are not given longer.
        ending = valid if not overlap else valid.filter(expires_at__isnull=True)
        ending.update(expires_at=at + overlap)
        secret = new_secret()
        EndpointSecret.objects.create(endpoint=endpoint, secret=secret, created_at=at)
        Endpoint.objects.filter(pk=endpoint.pk).update(updated_at=at, version=F("version") + 1)
        return Endpoint.objects.get(pk=endpoint.pk), secret


def url_problem(url: str) -> str:
    """Why a URL may not be called, as far as it says itself; "" if it may. What its name leads to is seen later."""
    try:
        parts = target(url, tls_only=settings.BILLING_LIVEMODE)
    except Refused as refused:
        return str(refused)
    exempt = networks(settings.WEBHOOK_ALLOWED_NETWORKS)
    address = literal(parts.host)
    if address is not None and not may_call(address, exempt):
        return f"{address} is not out in the world: private, loopback and link-local addresses are not called."
    if (parts.host == "localhost" or parts.host.endswith(".localhost")) and not exempt:
        return "localhost is not out in the world."
    return ""


def _enable(endpoint_id: UUID, *, catch_up: bool, at: datetime, actor: Actor) -> None:
    Endpoint.objects.filter(pk=endpoint_id).update(
        status=EndpointStatus.ENABLED, disabled_reason=Reason.NONE, disabled_at=None, version=F("version") + 1
    )
    if not catch_up:
        EndpointState.objects.filter(pk=endpoint_id).update(missed_after=None)
    if resend_missed(endpoint_id, at=at, actor=actor) is None:
        EndpointState.objects.filter(pk=endpoint_id).update(
            failures=0, failing_since=None, open_until=None, notice_due_at=None
        )


def _locked(endpoint_id: UUID) -> Endpoint:
    rows = Endpoint.objects.select_for_update(no_key=True).exclude(status=EndpointStatus.DELETED)
    endpoint = rows.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound(
            "endpoint_unknown", "There is no endpoint with this id.", hint="List them: GET /v1/webhook-endpoints."
        )
    return endpoint


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(
            "validation_failed", "The endpoint cannot be so.", hint="Mend what `errors` points at.", errors=problems
        )


def _problems(values: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if "url" in values and (said := url_problem(values["url"])):
        problems.append(Problem("/url", "url_refused", said))
    if values.get("api_version", VERSIONS[-1]) not in VERSIONS:
        known = ", ".join(VERSIONS)
        problems.append(Problem("/api_version", "api_version_unknown", f"Versions of the API: {known}."))
    known_types = declared()
    for index, pattern in enumerate(values.get("event_types", ())):
        if not well_formed(pattern) or not any(matches([pattern], each) for each in known_types):
            said = f"{pattern[:60]!r} is no type of event, and takes none. Try invoice.paid, invoice.* or *."
            problems.append(Problem(f"/event_types/{index}", "event_type_unknown", said))
    if len(values.get("event_types", "x")) not in range(1, MOST + 1):
        problems.append(Problem("/event_types", "event_types_number", f"1 to {MOST} types or patterns."))
    return problems


def _secret_problems(format: str, secret: str | None) -> list[Problem]:
    if (format == Format.EVENT) is (secret is None):
        return []
    if secret:
        return [Problem("/secret", "secret_not_taken", "Our secrets are made by us.")]
    return [Problem("/secret", "secret_required", "Platforms that take Segment's calls have a write key: send it.")]
