"""What is to go says so in every answer, refusals included; nothing else does."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.rest.deprecation import Deprecation
from tests.rest.groups import GroupViewSet

GOING = Deprecation(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "/docs/versioning")


@pytest.mark.fr("FR-129")
@pytest.mark.django_db
def test_a_deprecated_action_says_since_when_and_until_when(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Deprecation" not in api("get", "/groups")
    monkeypatch.setattr(GroupViewSet, "deprecations", {"list": GOING})
    for path in ("/groups", "/groups?unknown=1"):
        answer = api("get", path)
        assert answer["Deprecation"] == "@1767225600"
        assert answer["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
        assert answer["Link"] == '</docs/versioning>; rel="deprecation"'
    assert "Deprecation" not in api("get", "/groups/1")
