"""The probe from outside: Python alone, a key, and the address; it bills a customer in small and tells how it went."""

import json
import os
import subprocess
import sys

from tests.scenarios.stack import CHECKOUT, INTERNAL_TOKEN, Stack


def probed(stack: Stack, region: str, **environment: str) -> tuple[int, dict[str, object], str]:
    """How it ended, what it reported, and what it complained of; isolated from what is installed beside it."""
    ended = subprocess.run(
        [sys.executable, "-I", "-S", CHECKOUT / "observability" / "probe.py", "--region", region],
        env={"PATH": os.environ["PATH"], "BILLING_URL": stack.url, "BILLING_API_KEY": stack.key, **environment},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return ended.returncode, json.loads(ended.stdout), ended.stderr


def test_a_probe_bills_a_customer_and_tells_the_platform(stack: Stack) -> None:
    for _ in range(2):
        code, report, complaint = probed(stack, "eu-west", INTERNAL_TOKEN=INTERNAL_TOKEN)
        assert (code, report["success"], report["detail"], complaint) == (0, True, "", "")
        assert report["region"] == "eu-west"


def test_a_probe_says_which_step_failed(stack: Stack) -> None:
    code, report, _ = probed(stack, "us-east", BILLING_API_KEY="bk_test_nobody_knows_it")
    assert (code, report["success"]) == (1, False)
    assert str(report["detail"]).startswith("plan: 401")
    code, _, complaint = probed(stack, "us-east", INTERNAL_TOKEN="another")
    assert (code, complaint.split(":")[0]) == (1, "not told")
