"""Tests that share what takes long to start are run by one process: it stays unseen when they are not."""

from tests.conftest import TOGETHER, Together
from tests.databases import ROOT


def test_what_shares_a_place_has_one_scope() -> None:
    scheduler = Together.__new__(Together)
    for place in TOGETHER:
        assert (ROOT / place).exists(), place
        start = place if place.endswith("/") else f"{place}::"
        assert {
            scheduler._split_scope(f"{start}{each}") for each in ("test_a.py::test_a[1@2]", "test_b.py::test_b")
        } == {place}
    apart = [f"tests/kernel/test_money.py::test_{each}" for each in ("a", "b")]
    assert [scheduler._split_scope(each) for each in apart] == apart


def test_the_run_itself_is_scheduled_so(pytestconfig: object) -> None:
    hook = pytestconfig.pluginmanager.hook.pytest_xdist_make_scheduler  # type: ignore[attr-defined]
    assert [each.function.__module__ for each in hook.get_hookimpls()][-1] == "tests.conftest"
