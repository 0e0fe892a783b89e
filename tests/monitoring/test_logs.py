"""Lines of structlog and of the standard library come out as one JSON object each."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from apps.monitoring import logs

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import logging, structlog
from apps.monitoring import logs
logs.configure({"level": "INFO", "stream": "%s"})
structlog.contextvars.bind_contextvars(request_id="r-1")
structlog.get_logger("ours").info("hello", number=7, api_key="abc")
logging.getLogger("theirs").warning("sum %%s", 3, extra={"cvc": "123"})
logging.getLogger("theirs").debug("not at this level")
logging.getLogger("django.request").warning("Not Found: /x")
try:
    raise RuntimeError("sk_test_abcdefgh12345678")
except RuntimeError:
    logging.getLogger("theirs").exception("failed")
"""


def _run(stream: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", PROGRAM % stream],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip


@pytest.mark.fr("FR-149")
def test_one_json_object_a_line_without_secrets() -> None:
    done = _run("stdout")
    ours, theirs, failure = [json.loads(line) for line in done.stdout.splitlines()]
    assert ours["event"] == "hello"
    assert (ours["number"], ours["api_key"], ours["logger"], ours["level"]) == (7, "[redacted]", "ours", "info")
    assert (theirs["event"], theirs["cvc"], theirs["level"]) == ("sum 3", "[redacted]", "warning")
    assert "Traceback" in failure["exception"]
    assert "sk_test_" not in failure["exception"]
    assert {line["request_id"] for line in (ours, theirs, failure)} == {"r-1"}
    assert done.stderr == ""


def test_commands_write_to_stderr() -> None:
    done = _run("stderr")
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 3


def test_refuses_an_unknown_stream() -> None:
    with pytest.raises(ValueError, match="LOG_STREAM is 'file'"):
        logs.configure({"level": "INFO", "stream": "file"})


ODD = """
import datetime, structlog, sys
from apps.kernel.transactions import correlation
from apps.monitoring import logs
logs.configure({"level": "INFO", "stream": "stdout"})
logger = structlog.get_logger("ours")
at = datetime.datetime(2026, 5, 4, 12, 0, tzinfo=datetime.UTC)
correlation.set("r-2")
logger.info("later", timestamp=at, request_id="r-1")
logger.info("half \\ud800", large=2**70, keys={1: 2}, ratio=float("inf"))
logger.debug("not at this level")
logger.info("%s of %s", 1, 2)
class Broken:
    def __str__(self):
        raise RuntimeError
logger.info("never", broken=Broken())
sys.stdout.flush()
sys.stdout = None
logger.info("nowhere")
print("still here", file=sys.stderr)
"""


def test_a_line_that_cannot_be_written_fails_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ODD],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    later, odd, formatted = [json.loads(line) for line in done.stdout.splitlines()]
    assert (later["timestamp"], later["request_id"]) == ("2026-05-04T12:00:00Z", "r-1")
    assert (odd["event"], odd["large"], odd["request_id"]) == ("half \ud800", 2**70, "r-2")
    assert formatted["event"] == "1 of 2"
    assert done.stderr.endswith("still here\n")
    assert done.stderr.count("Message: 'a line is lost'") == 2
