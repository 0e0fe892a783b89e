"""VIES beside Stripe: the register of VAT numbers of the European Union, by its REST service's one route.

Its own test service answers by number: 100 is valid, 200 is not, others are errors. Numbers with fitting check digits
are longer, so here their first three digits say it, and every other number is valid.
"""

import json
import re
import threading
import time
from typing import Any

from billing_project.stripe_sandbox import faults as fault_rules
from billing_project.stripe_sandbox.change import random_text
from billing_project.stripe_sandbox.faults import FaultKind, Faults
from billing_project.stripe_sandbox.router import Request, Response

PREFIX = "/vies/"
CHECK = "/vies/rest-api/check-vat-number"
INVALID = "200"
ERRORS = {
    "201": "INVALID_INPUT",
    "202": "INVALID_REQUESTER_INFO",
    "300": "SERVICE_UNAVAILABLE",
    "301": "MS_UNAVAILABLE",
    "302": "TIMEOUT",
    "400": "VAT_BLOCKED",
    "401": "IP_BLOCKED",
    "500": "GLOBAL_MAX_CONCURRENT_REQ",
    "501": "GLOBAL_MAX_CONCURRENT_REQ_TIME",
    "600": "MS_MAX_CONCURRENT_REQ",
    "601": "MS_MAX_CONCURRENT_REQ_TIME",
}
COUNTRY = re.compile("AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI")
NUMBER = re.compile(r"[0-9A-Za-z+*.]{2,12}")
UNTOLD = frozenset({"DE", "ES"})
"""Member states that tell whether a number is valid, and not whose it is."""


class Vies:
    def __init__(self, faults: Faults, stopping: threading.Event) -> None:
        self._faults = faults
        self._stopping = stopping

    def handle(self, request: Request) -> Response:
        faults = self._faults.striking(f"{request.method} {request.path}", webhook=False)
        fault_rules.before_effect(faults)
        for fault in faults:
            if fault.kind is FaultKind.SLOW:
                self._stopping.wait(fault.seconds)
        if (request.method, request.path) != ("POST", CHECK):
            return _answer(404, {"actionSucceed": False, "errorWrappers": [{"error": "NOT_FOUND"}]})
        try:
            asked = json.loads(request.body)
        except (ValueError, RecursionError):
            asked = None
        answered = _checked(asked if isinstance(asked, dict) else {})
        fault_rules.after_effect(faults)
        return answered


def _checked(asked: dict[str, Any]) -> Response:
    country, number = str(asked.get("countryCode", "")), str(asked.get("vatNumber", ""))
    if not COUNTRY.fullmatch(country) or not NUMBER.fullmatch(number):
        return _refused("INVALID_INPUT")
    own = [str(asked.get(name) or "") for name in ("requesterMemberStateCode", "requesterNumber")]
    if any(own) and not (COUNTRY.fullmatch(own[0]) and NUMBER.fullmatch(own[1])):
        return _refused("INVALID_REQUESTER_INFO")
    told = "".join(character for character in number if character.isdigit())[:3]
    if told in ERRORS:
        return _refused(ERRORS[told])
    valid = told != INVALID
    known = valid and country not in UNTOLD
    return _answer(
        200,
        {
            "countryCode": country,
            "vatNumber": number,
            "requestDate": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "valid": valid,
            "requestIdentifier": f"WAPIAAAA{random_text(8)}" if all(own) else "",
            "name": f"Company {country}{number}" if known else "---",
            "address": f"1 Main Street\n{country}" if known else "---",
        },
    )


def _refused(code: str) -> Response:
    return _answer(200, {"actionSucceed": False, "errorWrappers": [{"error": code}]})


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(status, json.dumps(body))
