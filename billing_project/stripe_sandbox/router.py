"""One API request from headers to answer: key, route, faults, parameters, idempotency, the work, the commit."""

import base64
import hashlib
import json
import logging
import threading
import time
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from billing_project.stripe_sandbox import faults as fault_rules
from billing_project.stripe_sandbox import params as parameters
from billing_project.stripe_sandbox.change import API_VERSION, Change, random_text
from billing_project.stripe_sandbox.errors import HangUp, StripeError, invalid
from billing_project.stripe_sandbox.faults import Fault, FaultKind, Faults
from billing_project.stripe_sandbox.form import decode
from billing_project.stripe_sandbox.render import answer
from billing_project.stripe_sandbox.resources import ROUTES
from billing_project.stripe_sandbox.resources.account import ACCOUNT_ID
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import KEY_LIFETIME, Store
from billing_project.stripe_sandbox.webhooks import Deliverer

logger = logging.getLogger(__name__)

TEST_KEYS = ("sk_test_", "rk_test_")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: str
    headers: Message
    body: bytes
    base_url: str


@dataclass(slots=True)
class Response:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Keyed:
    """A request's idempotency key: where its answer is kept, and what the request was."""

    scope: str
    digest: str
    endpoint: str


class Router:
    def __init__(self, store: Store, faults: Faults, deliverer: Deliverer, stopping: threading.Event) -> None:
        self._store = store
        self._faults = faults
        self._deliverer = deliverer
        self._stopping = stopping
        self._in_flight: set[str] = set()
        self._routes = [(tuple(route.path.split("/")), route) for route in ROUTES]

    def handle(self, request: Request) -> Response:
        request_id = "req_" + random_text(14)
        try:
            response = self._handle(request, request_id)
        except StripeError as error:
            error.body["error"].setdefault("request_log_url", f"{request.base_url}/_sandbox/state")
            response = Response(error.status, _dump(error.body), dict(error.headers))
        except HangUp:
            raise
        except Exception:
            # The last resort of a server: the caller gets Stripe's 500, the log the reason.
            logger.exception("%s %s failed", request.method, request.path)
            response = Response(500, _dump(fault_rules.server_error().body))
        response.headers |= {
            "Request-Id": request_id,
            "Stripe-Version": request.headers.get("Stripe-Version", API_VERSION),
        }
        if request.headers.get("Idempotency-Key"):
            response.headers["Idempotency-Key"] = request.headers["Idempotency-Key"]
        return response

    def _handle(self, request: Request, request_id: str) -> Response:
        route, ids = self._find(request.method, request.path)
        api_key = _authenticated(request.headers)
        faults = self._faults.striking(f"{request.method} {request.path}", webhook=False)
        fault_rules.before_effect(faults)
        raw = _parameters(request)
        paths = parameters.expansions(raw)
        checked = parameters.check(raw, route.spec, route.required)
        keyed = _keyed(request, api_key, raw)
        replay = self._begin(keyed) if keyed else None
        try:
            self._dawdle(faults)
            if replay is not None:
                response = replay
            else:
                change = Change(
                    self._store,
                    int(time.time()),
                    request_id,
                    request.headers.get("Idempotency-Key"),
                    request.base_url,
                )
                response = self._work(change, route, ids, checked, paths, keyed, faults, request_id)
        finally:
            if keyed and replay is None:
                with self._store.lock:
                    self._in_flight.discard(keyed.scope)
        fault_rules.after_effect(faults)
        return response

    def _work(
        self,
        change: Change,
        route: Route,
        ids: list[str],
        checked: dict[str, Any],
        paths: list[str],
        keyed: _Keyed | None,
        faults: list[Fault],
        request_id: str,
    ) -> Response:
        """Do the work and store its answer in one line of the journal; answer when the line is on disk."""
        with self._store.lock:
            try:
                response = Response(200, _dump(answer(change, route.call(change, checked, ids), paths)))
            except StripeError as error:
                if not error.keep:
                    if error.status != 402:
                        raise
                    # A refused card is an answer too: nothing was done, and the same key gets the same refusal.
                    change.discard()
                response = Response(error.status, _dump(error.body))
            kept = response
            if any(fault.kind is FaultKind.ERROR_AFTER and fault.sticky for fault in faults):
                kept = Response(500, _dump(fault_rules.server_error().body))
            idem = (
                None
                if keyed is None
                else [
                    keyed.scope,
                    change.now,
                    keyed.digest,
                    keyed.endpoint,
                    kept.status,
                    kept.body,
                    request_id,
                ]
            )
            ticket, deliveries = change.commit(idem)
        self._store.journal.sync(ticket)
        if deliveries:
            self._deliverer.add(deliveries)
        return response

    def _begin(self, keyed: _Keyed) -> Response | None:
        """The stored answer of this key; or none, and the key is taken until the request ends."""
        with self._store.lock:
            stored = self._store.answers.get(keyed.scope)
            if stored is not None and time.time() - stored.created < KEY_LIFETIME:
                if stored.endpoint != keyed.endpoint:
                    raise _idempotency(
                        f"Keys for idempotent requests can only be used for the same endpoint they were first used "
                        f"for ({stored.endpoint}, not {keyed.endpoint}). Try another key."
                    )
                if stored.digest != keyed.digest:
                    raise _idempotency(
                        "Keys for idempotent requests can only be used with the same parameters they were first used "
                        "with. Try another key."
                    )
                ticket = self._store.journal.written
                headers = {"Idempotent-Replayed": "true", "Original-Request": stored.request_id}
                response = Response(stored.status, stored.body, headers)
            elif keyed.scope in self._in_flight:
                raise StripeError(
                    409,
                    "There is currently another in-progress request using this Idempotency-Key. Try again later.",
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                )
            else:
                self._in_flight.add(keyed.scope)
                return None
        self._store.journal.sync(ticket)
        return response

    def _dawdle(self, faults: list[Fault]) -> None:
        for fault in faults:
            if fault.kind is FaultKind.SLOW:
                self._stopping.wait(fault.seconds)

    def _find(self, method: str, path: str) -> tuple[Route, list[str]]:
        steps = path.split("/")
        allowed = []
        for template, route in self._routes:
            if len(template) != len(steps):
                continue
            ids = [step for part, step in zip(template, steps, strict=True) if part == "{id}"]
            if all(part in ("{id}", step) for part, step in zip(template, steps, strict=True)) and all(ids):
                if route.method == method:
                    return route, ids
                allowed.append(route.method)
        if allowed:
            message = f"Method not allowed ({method}: {path[:200]}). This path takes {', '.join(sorted(allowed))}."
            raise StripeError(405, message, code="method_not_allowed", headers={"Allow": ", ".join(sorted(allowed))})
        raise StripeError(
            404,
            f"Unrecognized request URL ({method}: {path[:200]}). The sandbox serves the paths in docs/sandbox.md.",
            code="url_unrecognized",
        )


def _authenticated(headers: Message) -> str:
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    key = value.strip()
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().partition(":")[0]
        except ValueError:
            key = ""
    elif scheme.lower() != "bearer":
        key = ""
    if not key:
        raise StripeError(
            401,
            "You did not provide an API key. Provide it in the Authorization header, using Bearer auth: "
            "'Authorization: Bearer sk_test_...'.",
            code="api_key_missing",
            headers={"WWW-Authenticate": 'Bearer realm="Stripe"'},
        )
    if "_live_" in key:
        raise StripeError(
            401,
            f"Invalid API Key provided: {key[:8]}***. This is a sandbox and takes no live key; use one that begins "
            "with sk_test_, and roll the live key if it left its home.",
            code="live_key_refused",
        )
    if not key.startswith(TEST_KEYS) or len(key) < 12:
        raise StripeError(
            401, f"Invalid API Key provided: {key[:8]}***. Use a key that begins with sk_test_.", code="api_key_invalid"
        )
    account = headers.get("Stripe-Account")
    if account and account != ACCOUNT_ID:
        raise StripeError(
            403,
            f"The provided key '{key[:8]}***' does not have access to account '{account[:60]}'. Leave out the "
            f"Stripe-Account header or name {ACCOUNT_ID}.",
            code="account_invalid",
        )
    return key


def _parameters(request: Request) -> dict[str, Any]:
    if not request.body:
        return decode(request.query.encode())
    kind = request.headers.get("Content-Type", "application/x-www-form-urlencoded").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise invalid(
            "Invalid request: check that your POST content type is application/x-www-form-urlencoded.",
            code="content_type_invalid",
        )
    return decode(request.query.encode() + b"&" + request.body if request.query else request.body)


def _keyed(request: Request, api_key: str, raw: dict[str, Any]) -> _Keyed | None:
    """Only POST has idempotency keys; GET and DELETE are idempotent by themselves."""
    key = request.headers.get("Idempotency-Key")
    if not key or request.method != "POST":
        return None
    if len(key) > 255:
        raise _idempotency("Idempotency keys can have up to 255 characters.")
    owner = hashlib.sha256(api_key.encode()).hexdigest()[:16]
    digest = hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()
    return _Keyed(f"{owner}:{key}", digest, request.path)


def _idempotency(message: str) -> StripeError:
    return StripeError(400, message, kind="idempotency_error", code="idempotency_key_mismatch")


def _dump(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
