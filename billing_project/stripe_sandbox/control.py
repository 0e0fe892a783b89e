"""/_sandbox/...: what a test or a developer asks of the sandbox itself; no part of Stripe's API, and without a key."""

import json
import os
import time
from collections.abc import Callable
from typing import Any

from billing_project.stripe_sandbox import banks, cards, setup_page
from billing_project.stripe_sandbox.change import API_VERSION, Change, public
from billing_project.stripe_sandbox.errors import StripeError, invalid, missing
from billing_project.stripe_sandbox.faults import Faults, parse
from billing_project.stripe_sandbox.form import decode
from billing_project.stripe_sandbox.resources import debits, disputes, payment_intents, refunds, setup_intents
from billing_project.stripe_sandbox.router import Request, Response
from billing_project.stripe_sandbox.store import WAITING, Obj, Store
from billing_project.stripe_sandbox.webhooks import Deliverer

PREFIX = "/_sandbox/"
SHOWN = (
    "id",
    "amount",
    "amount_refunded",
    "created",
    "currency",
    "customer",
    "failure_code",
    "metadata",
    "payment_intent",
    "payment_method",
    "status",
)
# What the customer's answer does to an intent that waits for it.
FINISHES: dict[tuple[str, str], Callable[[Change, Obj, Obj], Obj]] = {
    ("payment_intent", "success"): payment_intents.settle,
    ("payment_intent", "failure"): payment_intents.fail_authentication,
    ("setup_intent", "success"): setup_intents.settle,
    ("setup_intent", "failure"): setup_intents.fail_authentication,
}


class Control:
    def __init__(self, store: Store, faults: Faults, deliverer: Deliverer) -> None:
        self._store = store
        self._faults = faults
        self._deliverer = deliverer
        self._doors: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "health"): self._health,
            ("GET", "state"): self._state,
            ("GET", "faults"): lambda _request: {"faults": self._faults.all()},
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "payment_methods"): self._set_outcome,
            ("POST", "bank"): self._bank_says,
            ("POST", "disputes"): self._dispute,
            ("GET", "setup"): self._setup,
            ("POST", "setup"): self._setup,
            ("GET", "authenticate"): self._authenticate,
            ("POST", "authenticate"): self._authenticate,
        }

    def handle(self, request: Request) -> Response:
        name = request.path.removeprefix(PREFIX).rstrip("/")
        try:
            door = self._doors.get((request.method, name))
            if door is not None:
                shown = door(request)
            elif request.method == "GET" and name.startswith("receipts/"):
                shown = self._receipt(name.removeprefix("receipts/"))
            else:
                doors = ", ".join(f"{method} {PREFIX}{path}" for method, path in self._doors)
                raise StripeError(404, f"No such control path; there are {doors}.", code="control_path_unknown")
        except StripeError as error:
            return Response(error.status, json.dumps(error.body))
        if isinstance(shown, Response):
            return shown
        return Response(200, json.dumps(shown, ensure_ascii=False))

    def _health(self, _request: Request) -> Obj:
        return {"status": "ok", "api_version": API_VERSION, "pid": os.getpid()}

    def _state(self, request: Request) -> Obj:
        """Counts, and every charge that fits the query: `status=succeeded&metadata[invoice]=INV-1`."""
        wanted = decode(request.query.encode())
        metadata = wanted.pop("metadata", {})
        filters = {name: str(value) for name, value in wanted.items()}
        unknown = sorted(set(filters) - set(SHOWN) - {"metadata"})
        if unknown or not isinstance(metadata, dict):
            raise invalid(f"State takes {', '.join(SHOWN)}, not {', '.join(unknown)}.", code="filter_unknown")
        with self._store.lock:
            ticket = self._store.journal.written
            texts = [row.text for row in self._store.page("charge", {})]
            counts = {kind: self._store.count(kind) for kind in self._store.kinds()}
            pending, keys = len(self._store.pending), len(self._store.answers)
        self._store.journal.sync(ticket)
        # Most charges are ruled out by their text; only the rest are parsed.
        needles = [json.dumps(str(value), ensure_ascii=False) for value in metadata.values()]
        charges = [json.loads(text) for text in texts if all(needle in text for needle in needles)]
        return {
            "counts": counts,
            "charges": [
                {name: charge[name] for name in SHOWN}
                for charge in charges
                if all(str(charge[name]) == value for name, value in filters.items())
                and all(charge["metadata"].get(name) == value for name, value in metadata.items())
            ],
            "idempotency_keys": keys,
            "pending_deliveries": pending,
        }

    def _add_faults(self, request: Request) -> Obj:
        given = _json(request)
        items = given if isinstance(given, list) else [given]
        if not all(isinstance(item, dict) for item in items):
            raise invalid("A fault is a JSON object.", code="fault_invalid")
        parsed = [parse(item) for item in items]
        return {"faults": [self._faults.add(fault).shown() for fault in parsed]}

    def _clear_faults(self, request: Request) -> Obj:
        wanted = decode(request.query.encode()).get("id")
        return {"cleared": self._faults.clear(wanted)}

    def _set_outcome(self, request: Request) -> Obj:
        """Change what a saved card does from now on: a name of a decline, "success", or null for what the card says."""
        given = _json(request)
        if not isinstance(given, dict) or set(given) != {"payment_method", "outcome"}:
            raise invalid("Give payment_method and outcome.", code="outcome_invalid")
        outcome = given["outcome"]
        if outcome not in (None, "success", *cards.DECLINES, *banks.REFUSALS):
            raise invalid(
                f"outcome is null, success or one of {', '.join({**cards.DECLINES, **banks.REFUSALS})}.",
                "outcome",
                "outcome_invalid",
            )

        def work(change: Change) -> Obj:
            method = change.get("payment_method", str(given["payment_method"]), "payment_method")
            known = banks.REFUSALS if banks.is_bank(method) else cards.DECLINES
            if outcome not in (None, "success", *known):
                raise invalid(f"A {method['type']} knows {', '.join(known)}.", "outcome", "outcome_invalid")
            method.pop("_outcome", None)
            if outcome is not None:
                method["_outcome"] = "" if outcome == "success" else outcome
            return change.put(method)

        return {"payment_method": self._commit(request, work)["id"], "outcome": outcome}

    def _bank_says(self, request: Request) -> Obj:
        """Let the bank answer a debit or a refund now, whatever its time is."""
        given = _json(request)
        object_id = str(given.get("id", "")) if isinstance(given, dict) else ""

        def work(change: Change) -> Obj:
            found = change.locate(object_id)
            if found is None or WAITING not in found:
                raise invalid(f"Nothing waits for the bank under the id {object_id[:100]}.", "id", "id_invalid")
            return refunds.finish(change, found) if found["object"] == "refund" else debits.finish(change, found)

        return public(self._commit(request, work))

    def _dispute(self, request: Request) -> Obj:
        """Dispute a charge by its id or its payment intent's, or end a dispute: `won` or `lost`."""
        given = _json(request)
        given = given if isinstance(given, dict) else {}

        def work(change: Change) -> Obj:
            if "dispute" in given:
                if given.get("outcome") not in ("won", "lost"):
                    raise invalid("outcome is won or lost.", "outcome", "outcome_invalid")
                return disputes.close(change, change.get("dispute", str(given["dispute"])), given["outcome"])
            charge_id = str(given.get("charge", ""))
            if charge_id.startswith("pi_"):
                charge_id = str(change.get("payment_intent", charge_id)["latest_charge"])
            reason, amount = given.get("reason", "fraudulent"), given.get("amount")
            if reason not in disputes.REASONS or not (amount is None or isinstance(amount, int)):
                raise invalid(f"reason is one of {', '.join(disputes.REASONS)}, amount a number.", "reason")
            charge = change.get("charge", charge_id, "charge")
            return disputes.open_dispute(change, charge, reason, amount=amount, inquiry=bool(given.get("inquiry")))

        return public(self._commit(request, work))

    def _authenticate(self, request: Request) -> Obj | Response:
        """The customer's part of 3-D Secure. A browser comes by GET and is sent back to the return_url."""
        given = _json(request) if request.method == "POST" else decode(request.query.encode())
        given = given if isinstance(given, dict) else {}
        intent_id, outcome = str(given.get("intent", "")), given.get("outcome", "success")
        if outcome not in ("success", "failure"):
            raise invalid("outcome is success or failure.", "outcome", "outcome_invalid")
        where: dict[str, str] = {}

        def work(change: Change) -> Obj:
            kind = "setup_intent" if intent_id.startswith("seti_") else "payment_intent"
            intent = change.get(kind, intent_id)
            if intent["status"] != "requires_action":
                raise invalid(f"{intent_id} has a status of {intent['status']}.", "intent", "intent_unexpected_state")
            where["url"] = intent["next_action"].get("redirect_to_url", {}).get("return_url", "")
            finish = FINISHES[kind, outcome]
            return finish(change, intent, change.get("payment_method", intent["payment_method"]))

        shown = public(self._commit(request, work))
        if request.method == "GET" and where["url"]:
            joint = "&" if "?" in where["url"] else "?"
            location = f"{where['url']}{joint}{shown['object']}={intent_id}&redirect_status={shown['status']}"
            return Response(303, "{}", {"Location": location})
        return shown

    def _setup(self, request: Request) -> Response:
        """Stripe's form, in a browser: a page with test cards, and on to where the customer came from."""
        secret, back = setup_page.asked(request.query)
        html = {"Content-Type": "text/html; charset=utf-8"}
        if request.method == "GET":
            self._commit(request, lambda change: setup_page.awaited(change, secret))
            return Response(200, setup_page.page(back), html)
        card = str(decode(request.body).get("card", ""))
        try:
            intent = self._commit(
                request, lambda change: setup_page.confirm(change, setup_page.awaited(change, secret), card, back)
            )
        except StripeError as error:
            return Response(402, setup_page.page(back, setup_page.refused(error)), html)
        return Response(303, "", {"Location": setup_page.onward(intent, back)})

    def _receipt(self, charge_id: str) -> Obj:
        row = self._store.rows.get(charge_id)
        if row is None or row.kind != "charge":
            raise missing("charge", charge_id)
        return {name: row.load()[name] for name in SHOWN}

    def _commit(self, request: Request, work: Callable[[Change], Obj]) -> Obj:
        change = Change(self._store, int(time.time()), None, None, request.base_url)
        refusal: StripeError | None = None
        obj: Obj = {}
        with self._store.lock:
            try:
                obj = work(change)
            except StripeError as error:
                if not error.keep:
                    raise
                refusal = error
            ticket, deliveries = change.commit()
        self._store.journal.sync(ticket)
        self._deliverer.add(deliveries)
        if refusal is not None:
            raise refusal
        return obj


def _json(request: Request) -> Any:
    try:
        return json.loads(request.body or b"null")
    except (ValueError, RecursionError):
        raise invalid("The body is not JSON.", code="json_invalid") from None
