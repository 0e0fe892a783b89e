"""VIES, the register of VAT numbers of the member states: what we ask of it, and its REST service."""

import json
from dataclasses import dataclass
from typing import Any, Protocol

import requests
from django.conf import settings

from apps.tax.metrics import tax_requests_total
from apps.tax.vat_rules import VatNumber

CHECK = "/check-vat-number"
MOST = 64 * 1024
"""Bytes of an answer that are read; a whole one has less than one thousand."""
OURS = frozenset({"INVALID_INPUT", "INVALID_REQUESTER_INFO", "IP_BLOCKED", "VAT_BLOCKED"})
"""Errors that will not pass by themselves: something about the question, or about who asks."""
NOTHING = "---"
"""What member states say that tell no name."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What VIES said, in its words; empty where it says nothing."""

    valid: bool
    name: str
    address: str
    consultation_number: str
    request_date: str


class NoAnswer(Exception):
    """Whether a number is valid was not said: to be asked again. `ours`: it will not pass by itself."""

    def __init__(self, reason: str, *, ours: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.ours = reason, ours


class Vies(Protocol):
    """A register of VAT numbers. Called with no transaction open. Errors: NoAnswer."""

    def check(self, number: VatNumber, *, requester: VatNumber | None, seconds: float) -> Answer:
        """Whether a number is valid now; a consultation number comes with it if `requester` names the seller's."""
        ...


def current() -> Vies:
    """The one of settings.VIES_API_BASE."""
    return Service(settings.VIES_API_BASE)


@dataclass(frozen=True)
class Service:
    """VIES by HTTP, each call counted by how it ended."""

    base: str

    def check(self, number: VatNumber, *, requester: VatNumber | None, seconds: float) -> Answer:
        outcome = "failed"
        try:
            answer = self._check(number, requester, seconds)
            outcome = "ok"
        except NoAnswer as error:
            outcome = "refused" if error.ours else "failed"
            raise
        finally:
            tax_requests_total.labels("vies", outcome).inc()
        return answer

    def _check(self, number: VatNumber, requester: VatNumber | None, seconds: float) -> Answer:
        asked = {"countryCode": number.prefix, "vatNumber": number.digits}
        if requester is not None:
            asked |= {"requesterMemberStateCode": requester.prefix, "requesterNumber": requester.digits}
        try:
            with (
                requests.Session() as session,
                session.post(
                    self.base + CHECK, json=asked, timeout=seconds, allow_redirects=False, stream=True
                ) as response,
            ):
                whole = _limited(response)
                status = response.status_code
        except requests.Timeout:
            raise NoAnswer(f"No answer within {seconds:g} seconds.") from None
        except requests.RequestException as error:
            # Its text holds the address with the number in it, or none at all.
            raise NoAnswer(f"VIES cannot be reached: {type(error).__name__}.") from error
        return read_answer(whole, status, number)


def _limited(response: requests.Response) -> bytes:
    whole = b""
    for piece in response.iter_content(8192):
        whole += piece
        if len(whole) > MOST:
            raise NoAnswer(f"VIES answered with more than {MOST} bytes.")
    return whole


def read_answer(body: bytes, status: int, number: VatNumber) -> Answer:
    """What a body means; only a clear word about this very number is an answer."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise NoAnswer(f"VIES answered {status}, and not with JSON.")
    if code := _error(told):
        raise NoAnswer(f"VIES says {code}.", ours=code in OURS)
    if status != 200 or not isinstance(told.get("valid"), bool):
        raise NoAnswer(f"VIES answered {status}, and not whether the number is valid.")
    about = _said(told, "countryCode", 2) + _said(told, "vatNumber", 20)
    if about and about != str(number):
        raise NoAnswer("VIES answered about another number.")
    return Answer(
        valid=told["valid"],
        name=_said(told, "name", 500),
        address=_said(told, "address", 1000),
        consultation_number=_said(told, "requestIdentifier", 64),
        request_date=_said(told, "requestDate", 40),
    )


def _error(told: dict[str, Any]) -> str:
    """The code of an error, in either of the ways in which VIES gives one."""
    wrapped = told.get("errorWrappers")
    first = wrapped[0] if isinstance(wrapped, list) and wrapped else None
    if isinstance(first, dict) and first.get("error"):
        return str(first["error"])[:64]
    said = _said(told, "userError", 64)
    return "" if said in ("", "VALID", "INVALID") else said


def _said(told: dict[str, Any], name: str, most: int) -> str:
    text = told.get(name)
    plain = text.replace("\x00", "").strip() if isinstance(text, str) else ""
    return "" if plain == NOTHING else plain[:most]
