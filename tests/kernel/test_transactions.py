"""Units of work: whose changes they are, and what a preview reads once."""

from collections.abc import Collection

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.kernel.actors import system
from apps.kernel.transactions import preview_of_work, previewing, read_once, unit_of_work

ADA, BOB = system("ada"), system("bob")


def acting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('billing.actor', true)")
        found: str = cursor.fetchone()[0]
        return found


@pytest.mark.django_db
@pytest.mark.fr("FR-006")
def test_what_comes_after_another_s_work_is_one_s_own_again() -> None:
    with unit_of_work(ADA):
        assert acting() == str(ADA)
        with unit_of_work(BOB):
            assert acting() == str(BOB)
            with unit_of_work(BOB):
                assert acting() == str(BOB)
        assert acting() == str(ADA)
        with pytest.raises(ValueError, match="no"), unit_of_work(BOB):
            raise ValueError("no")
        assert acting() == str(ADA)
        with preview_of_work(BOB):
            assert acting() == str(BOB)
        assert acting() == str(ADA)


@pytest.mark.django_db
def test_the_same_actor_is_told_once() -> None:
    with unit_of_work(ADA), CaptureQueriesContext(connection) as captured:
        with unit_of_work(ADA):
            pass
        assert not [query for query in captured if "set_config" in query["sql"]]


@pytest.mark.django_db
@pytest.mark.fr("FR-055")
def test_a_preview_reads_once_what_no_verb_changes() -> None:
    asked: list[list[int]] = []

    def load(keys: Collection[int]) -> dict[int, str]:
        asked.append(sorted(keys))
        return {key: str(key) for key in keys if key < 10}

    assert read_once("numbers", [1, 2], load) == read_once("numbers", [1, 2], load) == {1: "1", 2: "2"}
    assert (asked, previewing()) == ([[1, 2], [1, 2]], False)
    asked.clear()
    with preview_of_work(ADA):
        assert read_once("numbers", [1, 99], load) == {1: "1"}
        assert read_once("numbers", [1, 2, 99], load) == {1: "1", 2: "2"}
        assert read_once("others", [1], load) == {1: "1"}
        assert previewing()
    assert asked == [[1, 99], [2], [1]]
    with preview_of_work(ADA):
        read_once("numbers", [1], load)
    assert asked[-1] == [1]
    assert len(asked) == 4
