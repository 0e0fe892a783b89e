"""The sandbox as the gateway, and a customer's browser without scripts."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.access import window
from apps.invoices.links import invoice_link
from apps.invoices.models import Invoice
from apps.kernel import clock
from tests.payments.conftest import books, process, sandbox  # noqa: F401 - fixtures
from tests.stripe_sandbox.conftest import Sandbox

FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class Visitor:
    """Opens pages and presses their buttons, with Django's check of where a form comes from switched on."""

    def __init__(self, url: str) -> None:
        self.client, self.url, self.answer = Client(enforce_csrf_checks=True), url, None
        self.text = ""

    def open(self, path: str = "", **headers: str) -> int:
        self._seen(self.client.get(path or self.url, headers=headers))
        return self.answer.status_code

    def press(self, name: str, **changed: str) -> int:
        """Send the form whose action ends so, with its hidden fields."""
        [form] = re.findall(rf'<form method="post" action="([^"]*/{name})">(.*?)</form>', self.text, re.DOTALL)
        fields = {key: unescape(value) for key, value in FIELD.findall(form[1])}
        self._seen(self.client.post(form[0], fields | changed))
        return self.answer.status_code

    def follow(self) -> int:
        return self.open(self.answer["Location"])

    def _seen(self, answer: Any) -> None:
        self.answer = answer
        self.text = answer.content.decode() if answer.get("Content-Type", "").startswith("text/html") else ""


def link(invoice: Invoice) -> str:
    url = invoice_link(invoice.pk, at=clock.wall())
    return url[url.index("/pay/") :]


def visitor(invoice: Invoice) -> Visitor:
    found = Visitor(link(invoice))
    assert found.open() == 200
    return found


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """No worker is there to be waited for, and each test has its own limits."""
    monkeypatch.setattr("apps.hosted.pages.WAIT", 0)
    monkeypatch.setattr(window, "PREFIX", f"rate:{uuid4()}:")


@pytest.fixture
def form(sandbox: Sandbox, settings: Any) -> Sandbox:  # noqa: F811 - the fixture
    """Cards are taken by the sandbox's page."""
    settings.STRIPE_SETUP_URL = f"{sandbox.url}/_sandbox/setup"
    return sandbox
