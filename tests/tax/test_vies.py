"""What VIES is asked over HTTP, and what counts as its answer."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from apps.tax.metrics import tax_requests_total
from apps.tax.vat_rules import VatNumber, read
from apps.tax.vies import MOST, NoAnswer, Service, current, read_answer
from tests.stripe_sandbox.conftest import Sandbox

OWN = VatNumber("DE", "136695976")
FRENCH = VatNumber("FR", "40303265045")


def counted() -> dict[str, float]:
    return {outcome: tax_requests_total.labels("vies", outcome)._value.get() for outcome in ("ok", "refused", "failed")}


def added(before: dict[str, float]) -> dict[str, float]:
    return {outcome: number - before[outcome] for outcome, number in counted().items() if number > before[outcome]}


def silent(service: Service, number: VatNumber, seconds: float = 1.0) -> NoAnswer:
    with pytest.raises(NoAnswer) as refusal:
        service.check(number, requester=OWN, seconds=seconds)
    return refusal.value


@pytest.mark.fr("FR-100")
def test_a_valid_number_has_a_name_and_a_proof(register: Sandbox) -> None:
    before = counted()
    answer = current().check(FRENCH, requester=OWN, seconds=2)
    assert (answer.valid, answer.name, answer.address) == (True, "Company FR40303265045", "1 Main Street\nFR")
    assert answer.consultation_number.startswith("WAPI")
    assert answer.request_date.endswith("Z")
    assert added(before) == {"ok": 1}
    again = current().check(FRENCH, requester=OWN, seconds=2)
    assert again.consultation_number != answer.consultation_number


def test_without_a_number_of_the_sellers_there_is_no_proof(register: Sandbox) -> None:
    assert current().check(FRENCH, requester=None, seconds=2).consultation_number == ""


def test_some_states_tell_no_names(register: Sandbox) -> None:
    answer = current().check(OWN, requester=OWN, seconds=2)
    assert (answer.valid, answer.name, answer.address) == (True, "", "")


def test_an_invalid_number(register: Sandbox) -> None:
    answer = current().check(VatNumber("LU", "20000000"), requester=OWN, seconds=2)
    assert (answer.valid, answer.name) == (False, "")


@pytest.mark.fr("FR-100")
@pytest.mark.parametrize(
    ("digits", "code", "ours"),
    [
        ("201", "INVALID_INPUT", True), ("202", "INVALID_REQUESTER_INFO", True), ("300", "SERVICE_UNAVAILABLE", False),
        ("301", "MS_UNAVAILABLE", False), ("302", "TIMEOUT", False), ("400", "VAT_BLOCKED", True),
        ("401", "IP_BLOCKED", True), ("500", "GLOBAL_MAX_CONCURRENT_REQ", False),
        ("600", "MS_MAX_CONCURRENT_REQ", False),
    ],
)  # fmt: skip
def test_an_error_says_nothing_about_the_number(register: Sandbox, digits: str, code: str, ours: bool) -> None:
    before = counted()
    error = silent(Service(f"{register.url}/vies/rest-api"), VatNumber("LU", f"{digits}00000"))
    assert (error.reason, error.ours) == (f"VIES says {code}.", ours)
    assert added(before) == {"refused" if ours else "failed": 1}


@pytest.mark.fr("FR-100")
def test_a_silent_vies_costs_its_time_out(register: Sandbox) -> None:
    register.fault(kind="timeout_before", operation="POST /vies/*", seconds=5)
    before = counted()
    assert silent(Service(f"{register.url}/vies/rest-api"), FRENCH, 0.2).reason == "No answer within 0.2 seconds."
    assert added(before) == {"failed": 1}


def test_a_broken_vies(register: Sandbox) -> None:
    base = f"{register.url}/vies/rest-api"
    register.fault(kind="error_before", operation="POST /vies/*")
    assert silent(Service(base), FRENCH).reason == "VIES answered 500, and not whether the number is valid."
    register.fault(kind="timeout_before", operation="POST /vies/*", seconds=0)
    assert silent(Service(base), FRENCH).reason == "VIES cannot be reached: ConnectionError."
    assert silent(Service("http://127.0.0.1:1"), FRENCH).reason == "VIES cannot be reached: ConnectionError."
    assert silent(Service(f"{register.url}/vies/elsewhere"), FRENCH).reason == "VIES says NOT_FOUND."


Serve = Callable[..., Service]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server that gives this answer, whatever it is asked."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: bytes, **headers: str) -> Service:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Silent."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return Service(f"http://127.0.0.1:{servers[-1].server_address[1]}")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_what_leads_elsewhere_or_is_too_long(serve: Serve) -> None:
    moved = serve(302, b"{}", Location="http://127.0.0.1:1/")
    assert silent(moved, FRENCH).reason == "VIES answered 302, and not whether the number is valid."
    assert "more than" in silent(serve(200, b" " * (MOST + 1)), FRENCH).reason


TOLD = {"countryCode": "FR", "vatNumber": "40303265045", "valid": True, "name": "Grace SA", "requestIdentifier": "W1"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"valid": "true"}, "not whether"), ({"valid": None}, "not whether"), ({"valid": 1}, "not whether"),
        ({"vatNumber": "23334175221"}, "another number"), ({"countryCode": "BE"}, "another number"),
        ({"userError": "MS_UNAVAILABLE"}, "MS_UNAVAILABLE"),
        ({"errorWrappers": [{"error": "MS_UNAVAILABLE", "message": ""}]}, "MS_UNAVAILABLE"),
    ],
)  # fmt: skip
def test_only_a_clear_word_is_an_answer(change: dict[str, Any], said: str) -> None:
    with pytest.raises(NoAnswer, match=said):
        read_answer(json.dumps({**TOLD, **change}).encode(), 200, FRENCH)
    assert read_answer(json.dumps(TOLD).encode(), 200, FRENCH).valid


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"\xff", b'"valid"', b"[" * 100_000, b"<html>", b'{"valid": tr'])
def test_what_is_no_document_is_no_answer(body: bytes) -> None:
    with pytest.raises(NoAnswer, match="not with JSON"):
        read_answer(body, 200, FRENCH)


def test_what_it_says_is_kept_as_far_as_it_can_be() -> None:
    told = {**TOLD, "name": " Gr\x00ace " + "x" * 600, "address": 7, "requestIdentifier": None, "userError": "VALID"}
    answer = read_answer(json.dumps(told).encode(), 200, FRENCH)
    assert (answer.name[:7], len(answer.name), answer.address, answer.consultation_number) == ("Grace x", 500, "", "")
    assert read("FR40303265045") == FRENCH
