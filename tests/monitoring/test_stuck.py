"""manage.py stuck: what it lists, for people and machines, and how it ends."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.kernel.backlog import STUCK, State
from apps.monitoring import readings
from tests.backoffice.planted import planted

pytestmark = [pytest.mark.django_db, pytest.mark.fr("B-14")]


def ran(*options: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("stuck", *options, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_nothing_is_stuck() -> None:
    assert ran() == (0, "0 stuck.\n")
    assert json.loads(ran("--json")[1])["stuck"] == 0
    with pytest.raises(CommandError):
        ran("--loudly")


def test_what_is_stuck_is_listed_with_its_reason_and_counted_by_the_gauge() -> None:
    of = planted()
    status, text = ran()
    bad = {name: (row, state, why) for name, (row, state, why) in of.rows.items() if state <= State.FAILING}
    for name, (row, state, why) in bad.items():
        [line] = [line for line in text.splitlines() if f" {name} " in line]
        assert line.startswith(state.name.lower()), name
        assert str(row.pk) in line, name
        assert why in line, name
    status_json, told = ran("--json")
    document: dict[str, Any] = json.loads(told)
    stuck = {name: int(state in STUCK) for name, (_, state, _) in of.rows.items()}
    assert (status, status_json, document["stuck"]) == (1, 1, sum(stuck.values()))
    assert {labels[0]: value for labels, value in readings.stuck_work()} == stuck
