"""Idempotency-Key: a write that is sent twice happens once, also when the first one's process is killed.

The row of the request is claimed in a commit of its own, with a lease. Then the request runs inside one transaction
in which its answer is stored too: both become true, or neither. A killed process leaves a lease that lapses, and the
repetition runs. A refusal is stored after the rollback of whatever was done before it; what we did wrong (5xx), and
what is decided before the request runs (401, 403, 429), is not stored.
"""

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access import claims
from apps.access.claims import Claim, LeaseLost
from apps.access.models import IdempotentRequest
from apps.kernel import clock
from apps.kernel.errors import DomainError, Invalid
from apps.rest import errors

KEPT_HEADERS = ("Location", "ETag")
NOT_STORED = frozenset({401, 403, 429})
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_STORED_AS = "_idempotent_stored_as"


class _Refused(Exception):
    """The view returned a refusal instead of raising it; carries it out of the transaction, which rolls back."""

    def __init__(self, response: Response) -> None:
        self.response = response


def guard(request: Request, run: Callable[[], Response], *, calls_outside: bool) -> Response:
    """Run a write, once per Idempotency-Key. `calls_outside`: it calls a gateway; no transaction is held."""
    key = request.headers.get("Idempotency-Key")
    principal: Any = request.user
    if key is None or principal is None:
        return run()
    if not _KEY.fullmatch(key):
        raise Invalid(
            "idempotency_key_invalid",
            "The Idempotency-Key is not 1 to 255 visible ASCII characters.",
            hint="Use a UUID, without spaces or quotes.",
        )
    held = claims.claim(principal=str(principal.actor), key=key, request_hash=_fingerprint(request), at=clock.wall())
    if isinstance(held, IdempotentRequest):
        return _replayed(held)
    return _run_outside(request, run, held) if calls_outside else _run_inside(request, run, held)


def store_instead(response: Response, stored: object) -> Response:
    """Have `stored` repeated in place of the answer's own data: for what is shown once and may be kept nowhere."""
    setattr(response, _STORED_AS, stored)
    return response


def _run_inside(request: Request, run: Callable[[], Response], held: Claim) -> Response:
    """Effect and answer in one transaction; a refusal in one of its own, after the rollback."""
    refusal: DomainError | None = None
    try:
        try:
            with transaction.atomic():
                response = run()
                if response.status_code >= 400:
                    raise _Refused(response)
                _store(request, held, response)
        except _Refused as refused:
            response = refused.response
            _settle(request, held, response)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - every refusal is an answer, and is raised again below
            refusal, response = _rendered(request, error)
            _settle(request, held, response)
    except LeaseLost as lost:
        raise claims.in_progress(clock.wall(), clock.wall()) from lost
    if refusal is not None:
        raise refusal
    return response


def _run_outside(request: Request, run: Callable[[], Response], held: Claim) -> Response:
    """Effect first, in transactions of its own; then the answer. Killed in between, it runs again after the lease.

    So such a write must itself find what it began: by a pending row and the gateway's own idempotency key. A lost
    lease is no fault here: the effect is committed, and the answer is true.
    """
    refusal: DomainError | None = None
    try:
        response = run()
    except Exception as error:  # noqa: BLE001 - every refusal is an answer, and is raised again below
        refusal, response = _rendered(request, error)
    with suppress(LeaseLost):
        _settle(request, held, response)
    if refusal is not None:
        raise refusal
    return response


def _settle(request: Request, held: Claim, response: Response) -> None:
    """Store an answer in a commit of its own, or forget the request if its answer is not one to keep."""
    if response.status_code >= 500 or response.status_code in NOT_STORED:
        claims.release(held)
    else:
        _store(request, held, response)


def _rendered(request: Request, error: Exception) -> tuple[DomainError, Response]:
    """The refusal that `error` means, and the answer that it will be."""
    refusal = errors.refusal(error)
    context = {"view": request.parser_context["view"], "request": request}
    return refusal, errors.exception_handler(refusal, context)


def _store(request: Request, held: Claim, response: Response) -> None:
    body, content_type = _encoded(request, response)
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    if body:
        headers["Content-Type"] = content_type
    claims.answer(held, status=response.status_code, headers=headers, body=body)


def _encoded(request: Request, response: Response) -> tuple[bytes, str]:
    """The bytes of the answer. A copy is rendered: the answer itself may still change (`Prefer: wait`)."""
    copy = Response(
        getattr(response, _STORED_AS, response.data), response.status_code, content_type=response.content_type
    )
    copy.accepted_renderer = request.accepted_renderer
    copy.accepted_media_type = request.accepted_media_type
    copy.renderer_context = request.parser_context["view"].get_renderer_context()  # type: ignore[attr-defined]
    content = bytes(copy.render().content)
    return content, copy.headers.get("Content-Type", "")


def _replayed(row: IdempotentRequest) -> Response:
    response = Response(status=row.status)
    response.content = bytes(row.body)  # set as bytes, it is not rendered again
    response.headers.pop("Content-Type", None)
    for name, value in row.headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def _fingerprint(request: Request) -> str:
    """What makes two requests the same: method, path, query and the document, however it is spaced and ordered."""
    document = json.dumps(request.data, sort_keys=True, separators=(",", ":"), default=str)
    parts = (request.method or "", request.path, request.META.get("QUERY_STRING", ""), document)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
