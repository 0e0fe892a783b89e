#!/usr/bin/env python3
"""Does billing a customer work, seen from outside? Runs anywhere with Python alone, by cron, from three regions.

Creates an account on a test clock, subscribes it, has the invoice paid and voided; tells the platform how it went.
Needs BILLING_URL and BILLING_API_KEY (a key of the test mode that may write accounts, plans, clocks and invoices);
with INTERNAL_TOKEN the result is posted to /internal/probes. Ends with 1 when a step failed.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime

PLAN = "synthetic-probe"
PATIENCE = 30.0


class Failed(Exception):
    """A step that did not go well."""


class Platform:
    """The API, as a customer's application sees it."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        self.url, self.key, self.timeout = url.rstrip("/"), key, timeout

    def send(self, method: str, path: str, body: object = None, *, key: str = "", wanted: tuple[int, ...] = ()) -> dict:
        headers = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - the operator's
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            found = error.read()
            if error.code in wanted:
                return json.loads(found or b"{}")
            raise Failed(f"{error.code} {code_of(found)}") from error
        except OSError as error:
            raise Failed(f"no answer: {getattr(error, 'reason', error)}") from error


def code_of(body: bytes) -> str:
    try:
        return str(json.loads(body).get("code", ""))
    except ValueError:
        return ""


def plan(platform: Platform) -> str:
    """The probe's own, made by whichever probe comes first."""
    wish = {"key": PLAN, "name": "Synthetic probe", "interval": "month", "prices": {"USD": 100}}
    made = platform.send("POST", "/v1/plans", wish, wanted=(409,))
    if "id" in made:
        return str(made["id"])
    return str(platform.send("GET", f"/v1/plans?key={PLAN}")["data"][0]["id"])


def probe(platform: Platform, region: str, step: list[str]) -> None:
    """One customer's life in small. `step` names where it is."""
    step.append("plan")
    plan_id = plan(platform)
    step.append("clock")
    clock = clock_of(platform, region)
    step.append("account")
    wish = {"name": "Synthetic probe", "email": "probe@example.com", "currency": "USD", "country": "US",
            "test_clock_id": clock}  # fmt: skip
    account = platform.send("POST", "/v1/accounts", wish)["id"]
    step.append("card")
    platform.send("POST", f"/v1/accounts/{account}/payment-methods", {"payment_method_token": "pm_card_visa"})
    step.append("subscribe")
    sold = platform.send("POST", "/v1/subscriptions", {"account_id": account, "plan_id": plan_id})
    invoice = sold["latest_invoice"]["id"]
    step.append("pay")
    until = time.monotonic() + PATIENCE
    while platform.send("GET", f"/v1/invoices/{invoice}")["status"] != "PAID":
        if time.monotonic() > until:
            raise Failed(f"not paid within {PATIENCE:.0f} s")
        time.sleep(0.3)
    step.append("void")
    voided = platform.send("POST", f"/v1/invoices/{invoice}/void", {"reason": "probe", "payment": "refund"})
    if voided["status"] != "VOID":
        raise Failed(f"it is {voided['status']}")
    step.append("cancel")
    platform.send("POST", f"/v1/subscriptions/{sold['id']}/cancel", {"credit_unused": False})


def clock_of(platform: Platform, region: str) -> str:
    """The region's own test clock, made once: what the probe bills never meets a run of real customers."""
    name = f"synthetic probe {region}"
    for each in platform.send("GET", "/v1/test-clocks?limit=100")["data"]:
        if each["name"] == name and each["status"] != "FAILED":
            return str(each["id"])
    now = datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return str(platform.send("POST", "/v1/test-clocks", {"name": name, "frozen_time": now})["id"])


def main() -> int:
    arguments = argparse.ArgumentParser(prog="probe", description=__doc__)
    arguments.add_argument("--region", required=True, help="from where: lower case, digits, hyphens")
    arguments.add_argument("--timeout", type=float, default=10, help="seconds for one answer")
    given = arguments.parse_args()
    platform = Platform(os.environ["BILLING_URL"], os.environ["BILLING_API_KEY"], given.timeout)
    step: list[str] = []
    started, detail = time.monotonic(), ""
    try:
        probe(platform, given.region, step)
    except (Failed, KeyError, IndexError, ValueError) as error:
        detail = f"{step[-1] if step else 'start'}: {error}"[:500]
    milliseconds = round((time.monotonic() - started) * 1000)
    report = {"region": given.region, "success": not detail, "milliseconds": milliseconds, "detail": detail}
    sys.stdout.write(json.dumps(report) + "\n")
    if token := os.environ.get("INTERNAL_TOKEN"):
        try:
            platform.send("POST", "/internal/probes", report, key=token)
        except Failed as error:
            sys.stderr.write(f"not told: {error}\n")
            return 1
    return int(bool(detail))


if __name__ == "__main__":
    sys.exit(main())
