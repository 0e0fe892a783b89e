"""docs/quickstart.md, word for word, before a platform that runs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.scenarios.stack import CHECKOUT, Stack

BLOCKS = re.findall(r"```sh\n(.*?)```", (settings.BASE_DIR / "docs" / "quickstart.md").read_text(), re.DOTALL)
ORDER = "SUBSCRIPTION="


@pytest.mark.fr("SC-014")
def test_the_quick_start_makes_an_invoice_and_repeating_the_order_makes_no_other(stack: Stack, tmp_path: Path) -> None:
    # The page's own port is where `make serve` listens; these tests listen elsewhere.
    script = "\n".join(BLOCKS).replace("http://127.0.0.1:18080", stack.url).replace(".venv/bin/python", sys.executable)
    again = script[script.index(ORDER) :]
    file = tmp_path / "quickstart.sh"
    file.write_text(f"set -eu\n{script}\necho\n{again}\n")
    ran = subprocess.run(
        ["bash", str(file)], cwd=CHECKOUT, env=stack.env | {"DATA": str(stack.data)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    first, second = (json.loads(line[line.index('{"data"') :]) for line in ran.stdout.splitlines() if '{"data"' in line)
    assert [invoice["total"] for invoice in first["data"]] == [4900]
    assert first["data"][0]["status"] == "PAID", first
    assert [invoice["id"] for invoice in second["data"]] == [invoice["id"] for invoice in first["data"]]
