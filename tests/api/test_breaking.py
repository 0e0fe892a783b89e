"""Nothing that the last released document promised is taken away; and the comparison sees what would be."""

import copy
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from tests.api.breaking import breaks

DOCS = settings.BASE_DIR / "docs"
NOW = json.loads((DOCS / "openapi.json").read_text())


@pytest.mark.fr("FR-129")
def test_the_document_breaks_nothing_that_was_released() -> None:
    assert breaks(json.loads(gzip.decompress((DOCS / "openapi-released.json.gz").read_bytes())), NOW) == []


def schema(document: Any, name: str) -> Any:
    return document["components"]["schemas"][name]


CHANGES: dict[str, Callable[[Any], Any]] = {
    "GET /v1/plans: gone": lambda it: it["paths"]["/v1/plans"].pop("get"),
    "Account.name: gone": lambda it: schema(it, "Account")["properties"].pop("name"),
    "Account.name: of another type": lambda it: schema(it, "Account")["properties"]["name"].update(type="integer"),
    "Account.name: may be missing": lambda it: schema(it, "Account")["required"].remove("name"),
    "AccountInputRequest.locale: required": lambda it: schema(it, "AccountInputRequest")["required"].append("locale"),
    "Invoice: gone": lambda it: it["components"]["schemas"].pop("Invoice"),
    "GET /v1/accounts: parameter email gone": lambda it: it["paths"]["/v1/accounts"]["get"].update(
        parameters=[each for each in it["paths"]["/v1/accounts"]["get"]["parameters"] if each.get("name") != "email"]
    ),
}


@pytest.mark.parametrize("expected", CHANGES)
def test_each_kind_of_breach_is_seen(expected: str) -> None:
    changed = copy.deepcopy(NOW)
    CHANGES[expected](changed)
    assert expected in breaks(NOW, changed)


def test_what_is_added_breaks_nothing() -> None:
    changed = copy.deepcopy(NOW)
    changed["paths"]["/v1/new"] = changed["paths"]["/v1/plans"]
    schema(changed, "Account")["properties"]["more"] = {"type": "string"}
    schema(changed, "AccountInputRequest")["properties"]["more"] = {"type": "string"}
    assert breaks(NOW, changed) == []
