"""Beat's door runs what is due, and one kind that fails does not stop the others."""

from datetime import datetime

import pytest

from apps.kernel import schedule
from apps.monitoring import tasks


def test_runs_what_is_due_and_outlives_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def work(name: str, *, due: bool, fails: bool = False) -> schedule.DueWork:
        def run(at: datetime, scope: schedule.Scope) -> int:
            ran.append(name)
            if fails:
                raise RuntimeError(name)
            return 1

        return schedule.DueWork(name, lambda at, scope: at if due else None, run, lambda scope: 0)

    kinds = [work("a", due=True, fails=True), work("b", due=False), work("c", due=True)]
    monkeypatch.setattr(schedule, "_registry", {kind.name: kind for kind in kinds})
    tasks.run_due()
    assert ran == ["a", "c"]
