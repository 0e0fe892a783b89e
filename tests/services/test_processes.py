"""What is shown while tables are made, and how long a dying process is left alone."""

from pathlib import Path

import pytest

from billing_project.services import ServiceError
from billing_project.services.folder import Folder
from billing_project.services.postgresql import refuse_nameless
from billing_project.services.processes import Stack, progress
from billing_project.services.supervisor import pause


def test_progress_names_the_app_at_work_and_counts_what_is_done(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("Running migrations:\n")
    assert progress(log) == ("", 0)
    log.write_text("  Applying auth.0001_initial... OK\n  Applying djstripe.0001_initial...")
    assert progress(log) == ("djstripe", 1)
    log.write_text("  Applying auth.0001_initial... OK\n  Applying djstripe.0001_initial... OK\n")
    assert progress(log) == ("", 2)


def test_pauses_grow_and_ten_of_them_fit_into_a_minute() -> None:
    pauses = [pause(restarts) for restarts in range(10)]
    assert pauses[:4] == [0, 0.25, 0.5, 1]
    assert pauses == sorted(pauses)
    assert sum(pauses) < 60


def test_a_user_without_a_name_is_told_what_to_add() -> None:
    with pytest.raises(ServiceError, match="has no name") as refused:
        refuse_nameless(2**31 - 7)
    assert refused.value.code == "no_user_name"
    assert "/etc/passwd" in refused.value.hint


def test_numbers_are_served_by_web_alone_or_by_each_role_its_own(tmp_path: Path) -> None:
    def served(**env: str) -> dict[str, tuple[str | None, str | None]]:
        children = Stack(Folder(tmp_path), 18080, env).children()
        return {each.name: (each.env.get("METRICS_ROLES_DIR"), each.env.get("METRICS_PORT")) for each in children}

    Folder(tmp_path).make()
    together = str(tmp_path / "run" / "metrics")
    assert served() == {"web": (together, None), "worker": (None, None), "beat": (None, None)}
    apart = served(METRICS_PORT="9100")
    assert (apart["web"][0], apart["worker"], apart["beat"]) == (None, (None, "9100"), (None, "9101"))
