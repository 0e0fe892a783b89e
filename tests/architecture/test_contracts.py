"""The import contracts hold, and each of them can fail: a violation planted in a copy breaks it."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERDICT = re.compile(r"^(.+?) (KEPT|BROKEN)\b", re.MULTILINE)

PLANTED = {
    "Call down, announce up": ("apps/accounts/queries.py", "import apps.invoices.queries"),
    "Apps never import the project": ("apps/clocks/queries.py", "import billing_project.celery"),
    "The sandbox imports no app": ("billing_project/stripe_sandbox/store.py", "import apps.kernel.money"),
    "Doors on actions, actions on models, models on rules": ("apps/plans/models.py", "import apps.plans.actions"),
    "Rules are pure": ("apps/tax/rules.py", "import django.conf"),
    "Only payments knows Stripe": ("apps/invoices/queries.py", "import stripe"),
    "Nobody imports a door": ("apps/ledger/actions.py", "import apps.events.tasks"),
}
"""Contract -> (file, the forbidden import that goes into it)."""


def contracts() -> list[str]:
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return [contract["name"] for contract in configured]


def verdicts(folder: Path) -> dict[str, str]:
    """What lint-imports says of each contract of the tree in `folder`."""
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [str(linter), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder)},
    )
    names = contracts()
    said = {name.strip(): verdict for name, verdict in VERDICT.findall(ran.stdout) if name.strip() in names}
    assert set(said) == set(names), ran.stdout + ran.stderr
    assert (ran.returncode == 0) == ("BROKEN" not in said.values()), ran.stdout + ran.stderr
    return said


def test_the_tree_keeps_every_contract():
    assert set(verdicts(ROOT).values()) == {"KEPT"}


def test_each_contract_is_broken_by_a_planted_violation(tmp_path: Path):
    for name in ("apps", "billing_project"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert set(PLANTED) == set(contracts())
    for path, line in PLANTED.values():
        file = tmp_path / path
        file.write_text(f"{file.read_text()}\n{line}\n")
    assert verdicts(tmp_path) == dict.fromkeys(PLANTED, "BROKEN")
