"""The document says what the views do, and its page needs nothing from elsewhere."""

import json
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from tests.rest.conftest import Api


@pytest.fixture
def document(api: Api) -> Any:
    answer = api("GET", "/openapi.json")
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_the_document_is_valid_openapi_3_1_and_made_without_a_warning(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    validate_schema(document)
    assert not GENERATOR_STATS


def test_bodies_objects_and_refusals_are_described(document: Any) -> None:
    create = document["paths"]["/v1/groups"]["post"]
    assert create["requestBody"]["content"]["application/json"]["schema"]["$ref"].startswith(
        "#/components/schemas/NewGroup"
    )
    assert create["responses"]["201"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Group"}
    assert create["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
    assert create["security"] == [{"bearer": []}]
    named = {parameter.get("$ref", "").rpartition("/")[2] for parameter in create["parameters"]}
    assert {"IdempotencyKey", "PreferWait"} <= named
    group = document["components"]["schemas"]["Group"]
    assert set(group["properties"]) == {"id", "name", "url"}


def test_lists_are_pages_with_their_parameters(document: Any) -> None:
    listed = document["paths"]["/v1/groups"]["get"]
    assert {"limit", "cursor", "name"} <= {parameter.get("name") for parameter in listed["parameters"]}
    reference = listed["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    page = document["components"]["schemas"][reference.rpartition("/")[2]]
    assert set(page["properties"]) == {"data", "has_more", "next_cursor"}
    assert page["properties"]["data"]["items"] == {"$ref": "#/components/schemas/Group"}


def test_every_reference_leads_somewhere(document: Any) -> None:
    for reference in set(re.findall(r'"#/([^"]+)"', json.dumps(document))):
        place = document
        for step in reference.split("/"):
            place = place[step]


@pytest.mark.parametrize("path", ["/docs", "/docs/errors"])
def test_the_pages_load_only_files_of_this_server_and_hold_no_script(api: Api, path: str) -> None:
    answer = api.client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "http://" not in page
    assert "https://" not in page
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    for file in re.findall(r'(?:src|href)="/static/([^"]+)"', page):
        assert finders.find(file), file
