"""What counts as a change."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.changes import changed

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=8
)


@given(documents)
def test_what_came_back_from_json_is_no_change(value: Any) -> None:
    assert changed({"metadata": value}, {"metadata": json.loads(json.dumps(value))}) == {}


@pytest.mark.parametrize(("now", "wanted"), [(1, True), (0, False), ("1", 1), (None, ""), ({"a": 1}, {"a": True})])
def test_other_types_are_changes_though_python_finds_them_equal(now: Any, wanted: Any) -> None:
    assert changed({"metadata": now}, {"metadata": wanted}) == {"metadata": wanted}


def test_only_what_differs_and_was_asked_for() -> None:
    now = {"name": "Ada", "email": "a@b.de", "address": {"city": "Rome", "line1": "Via 1"}}
    wanted = {"name": "Eve", "address": {"line1": "Via 1", "city": "Rome"}}
    assert changed(now, wanted) == {"name": "Eve"}
