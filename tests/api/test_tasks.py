"""docs/tasks.md, word for word: twenty common tasks, each one request that works."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from apps.kernel import clock
from tests.payments.conftest import Sandbox

TASK = re.compile(r"^(\d+)\. ([^\n]+)\n +`(GET|POST|PATCH|PUT|DELETE) (\S+)(?: (.+))?`$", re.MULTILINE)
TASKS = TASK.findall((settings.BASE_DIR / "docs" / "tasks.md").read_text())
KEPT = {
    "/v1/plans": "plan_id", "/v1/accounts": "account_id", "/v1/subscriptions": "subscription_id",
    "/v1/invoices": "invoice_id",
}  # fmt: skip


@pytest.mark.fr("SC-018")
def test_twenty_tasks_are_one_request_each(call: Callable[..., Any], sandbox: Sandbox) -> None:
    assert [int(number) for number, *_ in TASKS] == list(range(1, 21))
    # Usage counts from the subscription's start, which the seconds before this moment may not reach.
    known: dict[str, str] = {}
    for number, title, method, path, body in TASKS:
        known["now"] = (clock.wall() + timedelta(seconds=1)).isoformat()
        filled = [re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], found[0]), text) for text in (path, body)]
        answer = call(method, filled[0], json.loads(filled[1]) if body else None)
        assert answer.status_code in (200, 201), (number, title, answer.content)
        if method == "POST" and path in KEPT:
            known[KEPT[path]] = answer.json()["id"]
