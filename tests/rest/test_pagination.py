"""Pages: newest first, stable while rows are added, cursors that cannot be made up."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(db: None) -> list[str]:
    return [Group.objects.create(name=f"group {number}").name for number in range(25)]


def test_pages_hold_each_row_once_though_rows_are_added(api: Any, rows: list[str]) -> None:
    seen, cursor = [], ""
    while True:
        page = api("GET", f"/groups?limit=7{cursor}").json()
        assert set(page) == {"data", "has_more", "next_cursor"}
        seen += [row["name"] for row in page["data"]]
        Group.objects.create(name=f"late {len(seen)}")
        if not page["has_more"]:
            assert page["next_cursor"] is None
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == rows[::-1]


def test_a_page_is_twenty_rows_and_one_query(api: Any, rows: list[str]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = api("GET", "/groups").json()
    assert len(page["data"]) == 20
    assert len(queries) == 1


def test_the_last_page_that_is_full_has_no_more(api: Any, rows: list[str]) -> None:
    assert api("GET", "/groups?limit=25").json()["has_more"] is False
    assert api("GET", "/groups?limit=24").json()["has_more"] is True


def test_filters_narrow_the_list(api: Any, rows: list[str]) -> None:
    assert [row["name"] for row in api("GET", "/groups?name=group+3").json()["data"]] == ["group 3"]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "x", "", "٣", "1e1"])
def test_a_limit_out_of_bounds_is_422(api: Any, limit: str) -> None:
    answer = api("GET", f"/groups?limit={limit}")
    assert (answer.status_code, answer.json()["code"]) == (422, "limit_invalid")


@pytest.mark.parametrize(
    "change", [lambda c: "", lambda c: c[:-2], lambda c: c.swapcase(), lambda c: "ä", lambda c: "AAAA"]
)
def test_a_cursor_that_is_not_ours_is_400(api: Any, rows: list[str], change: Any) -> None:
    cursor = api("GET", "/groups?limit=2").json()["next_cursor"]
    answer = api("GET", f"/groups?cursor={change(cursor)}")
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")
    assert answer.json()["hint"]
