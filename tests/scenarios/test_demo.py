"""The demo on a shortened company: it adds up, and is the same again after a killed worker and a lost database."""

import re
import subprocess
import sys
import threading

import pytest

from tests.scenarios.conftest import new_stack
from tests.scenarios.stack import CHECKOUT, Stack, wait_until

DURATIONS = re.compile(r"^.*(?: a second|waiting for| invoices as PDF in ).*$\n?", re.MULTILINE)
DAY = re.compile(r"  day +(\d+)  ")
STABLE_FROM = "\nInvoices "


def billed(stack: Stack, days: int, customers: int) -> "subprocess.Popen[str]":
    shortened = {"DEMO_DAYS": str(days), "DEMO_CUSTOMERS": str(customers), "KEEP": "0"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo"], cwd=CHECKOUT, env=stack.env | {"DATA": str(stack.data)} | shortened,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def summary(text: str) -> str:
    """Figures alone: no progress, no duration, no rate."""
    assert STABLE_FROM in text, text[-3000:]
    return DURATIONS.sub("", text[text.index(STABLE_FROM) :])


@pytest.mark.long
def test_a_short_demo_adds_up_and_shows_nothing_that_is_stopped(own_stack: Stack) -> None:
    done = billed(own_stack, days=3, customers=12)
    text, _ = done.communicate(timeout=300)
    assert done.returncode == 0, text[-3000:]
    assert "BROKEN" not in text
    assert "Look further" not in text
    assert list((own_stack.data / "demo").glob("*.pdf"))


@pytest.mark.long
def test_killed_and_cut_off_it_ends_with_the_same_figures() -> None:
    with new_stack() as stack:
        quiet = billed(stack, days=20, customers=40)
        expected, _ = quiet.communicate(timeout=600)
    assert quiet.returncode == 0, expected[-3000:]
    with new_stack() as stack:
        disturbed = billed(stack, days=20, customers=40)
        said: list[str] = []
        listener = threading.Thread(target=listen, args=(disturbed, said), daemon=True)
        listener.start()
        wait_until(lambda: has_reached(3, said), 300)
        stack.kill("worker")
        wait_until(lambda: has_reached(10, said), 300)
        stack.kill("postgresql")
        assert disturbed.wait(600) == 0, "".join(said[-40:])
        listener.join(10)
    assert summary("".join(said)) == summary(expected)


def listen(process: "subprocess.Popen[str]", said: list[str]) -> None:
    assert process.stdout is not None
    with process.stdout:
        said.extend(process.stdout)


def has_reached(day: int, said: list[str]) -> bool:
    """Not every day has a line."""
    days = [int(found[1]) for line in said.copy() if (found := DAY.search(line))]
    return max(days, default=0) >= day
