"""manage.py catalog: applied, repeated, refused, written."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.plans.models import Plan, PlanVersion
from tests.factories.plans import make_plan

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "demo" / "catalogue.yaml"
pytestmark = pytest.mark.django_db


def run(*arguments: Any) -> str:
    out = StringIO()
    call_command("catalog", *map(str, arguments), stdout=out)
    return out.getvalue()


def refused(path: Path, text: str | bytes) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CommandError) as refusal:
        run("apply", path)
    assert refusal.value.returncode == 2
    assert Plan.objects.count() == 0
    return str(refusal.value)


@pytest.mark.fr("FR-016", "FR-017", "FR-018", "FR-021")
def test_applied_once_shown_and_written_back(tmp_path: Path):
    assert "6 would be created" in run("apply", DEMO, "--dry-run")
    assert Plan.objects.count() == 0
    assert "6 created, 0 changed, 0 unchanged" in run("apply", DEMO)
    versions = {version.plan.key: version for version in PlanVersion.objects.select_related("plan")}
    assert versions["team"].trial_days == 14
    assert (versions["business-quarterly"].interval, versions["business-quarterly"].interval_count) == ("month", 3)
    assert {price.currency for price in versions["enterprise"].prices.all()} == {"USD", "EUR", "GBP", "JPY"}
    for name in ("back.yaml", "back.json"):
        run("export", tmp_path / name)
        assert "no changes: 6 plans" in run("apply", tmp_path / name)
    assert PlanVersion.objects.count() == 6


@pytest.mark.fr("FR-022")
def test_another_price_is_a_new_version_and_others_are_left_alone(tmp_path: Path):
    make_plan(key="pro", prices={"USD": 4900})
    make_plan(key="old")
    path = tmp_path / "plans.json"
    path.write_text(
        json.dumps({"plans": [{"key": "pro", "name": "Pro", "interval": "month", "prices": {"USD": 5900}}]})
    )
    said = run("apply", path)
    assert "version 1 -> 2" in said
    assert "prices.USD: 49.00 USD -> 59.00 USD" in said
    assert ". old  not in the file, left alone" in said
    assert Plan.objects.get(key="pro").current_version == 2
    assert "no changes" in run("apply", path)


@pytest.mark.fr("FR-024")
def test_every_fault_at_once_and_nothing_saved(tmp_path: Path):
    good = "{key: a, name: A, interval: month, prices: {USD: 1}}"
    bad = "{key: b, nane: B, interval: moon, prices: {USD: -1, XXQ: 2}}"
    said = refused(tmp_path / "plans.yaml", f"plans:\n- {good}\n- {bad}\n- {good}\n")
    for pointer in (
        "/plans/1/nane", "/plans/1/name", "/plans/1/interval", "/plans/1/prices/USD", "/plans/1/prices/XXQ",
        "/plans/2/key",
    ):  # fmt: skip
        assert f"{pointer}:" in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("plans: [{key: a, key: b}]", "a key stands twice"),
        ("a: &a [1]\nplans: *a", "an alias"),
        ("plans: !!python/object:os.system {}", "not the YAML"),
        ("plans: [", "line 1"),
        (b"plans: \xff", "not UTF-8"),
        ("", "/plans"),
        ("plans: [" + "[" * 5000, "YAML"),
        ("plans: [{key: 4242424242424242}]", "card number"),
        ("#" * (4 * 1024 * 1024 + 1), "more than"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str | bytes, why: str):
    assert why in refused(tmp_path / "plans.yaml", text)
