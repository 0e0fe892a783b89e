"""With real commits: several who ask about one number, and the doorbell."""

from threading import Thread
from typing import Any

import pytest
from django.db import connection

from apps.kernel import doorbell
from apps.tax import consultation
from apps.tax.models import Consultation, TaxId
from tests.factories.accounts import make_account
from tests.factories.tax import ACTOR
from tests.stripe_sandbox.conftest import Sandbox

FRENCH = "FR40303265045"


@pytest.mark.fr("FR-100")
def test_two_at_once_ask_once(committed_db: str, register: Sandbox) -> None:
    register.fault(kind="slow", operation="POST /vies/*", seconds=0.4, count=9)
    found: list[TaxId] = []

    def ask() -> None:
        try:
            found.append(consultation.check(text=FRENCH, actor=ACTOR))
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.status for each in found) == ["PENDING", "PENDING", "PENDING", "VALID"]
    assert len({each.pk for each in found}) == 1
    assert Consultation.objects.count() == 1


def test_the_worker_is_told_once_it_is_committed(committed_db: str, monkeypatch: Any) -> None:
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", lambda name, queue, **kwargs: rung.append(f"{name} {queue}") or True)
    make_account(tax_id="FR40303265045")
    assert "tax.sweep webhooks" in rung
    rung.clear()
    make_account()
    assert "tax.sweep webhooks" not in rung
