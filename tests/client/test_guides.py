"""docs/idempotency.md and docs/pagination.md, executed word for word against a server of production's command."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.client.conftest import ROOT, key
from tests.web.servers import serving


@dataclass(frozen=True)
class Said:
    """What a guide's commands and programs print."""

    shell: str
    python: list[str]

    @property
    def documents(self) -> list[Any]:
        """The JSON documents of the shell's output, in their order."""
        found, rest, read = [], self.shell, json.JSONDecoder().raw_decode
        while (at := rest.find("{")) >= 0:
            document, end = read(rest[at:])
            found.append(document)
            rest = rest[at + end :]
        return found


@pytest.fixture
def run(tmp_path: Path, committed_db: str) -> Callable[[str], Said]:
    """Run all of a guide in one shell and one program."""

    def run(name: str) -> Said:
        text = (ROOT / "docs" / name).read_text()
        script, program = (
            "\n".join(re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)) for language in ("sh", "python")
        )
        with serving(tmp_path, committed_db, DJANGO_SETTINGS_MODULE="billing_project.settings") as server:
            url, secret = f"http://127.0.0.1:{server.port}", key()
            shell = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script], env={**os.environ, "API": f"{url}/v1", "KEY": secret},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert shell.returncode == 0, (shell.stdout, shell.stderr)
            names: dict[str, Any] = {"API_KEY": secret, "BASE_URL": url}
            with redirect_stdout(StringIO()) as out:
                exec(compile(program, name, "exec"), names)  # the guide is ours
            names["billing"].close()
        return Said(shell.stdout, out.getvalue().splitlines())

    return run


def test_a_write_that_is_repeated_happens_once(run: Callable[[str], Said]) -> None:
    said = run("idempotency.md")
    first, second, reused, monday, tuesday, found = said.documents
    assert first == second
    assert said.shell.count("HTTP/1.1 201") == 2
    assert said.shell.lower().count("idempotent-replayed: true") == 1
    assert (reused["status"], reused["code"]) == (422, "idempotency_key_reused")
    assert (tuesday["status"], tuesday["code"]) == (409, "external_key_taken")
    assert [each["id"] for each in found["data"]] == [monday["id"]]
    same, refused, mended = said.python
    assert (same, mended) == ("True", "di@example.com")
    assert refused.startswith("invalid: ")


@pytest.mark.fr("FR-124")
def test_a_list_is_read_to_its_end(run: Callable[[str], Said]) -> None:
    said = run("pagination.md")
    page = said.documents[5]
    assert ([each["name"] for each in page["data"]], page["has_more"]) == (["Eve", "Di"], True)
    assert re.findall(r"page: (.*)", said.shell) == ["Eve Di", "Cy Bo", "Ada"]
    assert len(said.documents[-1]["data"]) == 5
    walked, kept, gold, limit, cursor = said.python
    assert walked == "['Eve', 'Di', 'Cy', 'Bo', 'Ada']"
    assert kept == "['Late', 'Eve', 'Di'] ['Cy', 'Bo', 'Ada']"
    assert gold == "['Eve', 'Di', 'Cy', 'Bo', 'Ada']"
    assert limit.startswith("422 limit_invalid ")
    assert cursor.startswith("400 cursor_invalid ")
