"""The client's README, executed word for word against a server of production's command."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.client.conftest import ROOT, key
from tests.web.servers import serving

README = ROOT / "clients" / "python" / "README.md"


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.mark.fr("FR-122")
def test_every_line_of_it_works(tmp_path: Path, committed_db: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(tmp_path, committed_db, DJANGO_SETTINGS_MODULE="billing_project.settings") as server:
        names: dict[str, Any] = {"API_KEY": key(), "BASE_URL": f"http://127.0.0.1:{server.port}", "WEBHOOK_SECRET": ""}
        for block in blocks():
            exec(compile(block, str(README), "exec"), names)  # the README is ours
        names["billing"].close()
    out = capsys.readouterr().out
    assert "19800 USD" in out
    assert "422 invalid ['/email']" in out
    assert "['Ada']" in out
    assert len(blocks()) == 5
