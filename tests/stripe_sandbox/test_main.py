"""The command line: what it refuses, and that it brings neither Django nor an app with it."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stripe_sandbox.conftest import ROOT, Sandbox


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "billing_project.stripe_sandbox", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=20, check=False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--webhook-url", "http://127.0.0.1:1/"], "go together"),
        (["--webhook-url", "ftp://x", "--webhook-secret", "whsec_x"], "Invalid URL"),
    ],
)
def test_refusals(tmp_path: Path, options: list[str], words: str) -> None:
    done = run("--data", str(tmp_path), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_a_taken_port_and_a_taken_folder_are_said(sandbox: Sandbox, tmp_path: Path) -> None:
    port = sandbox.url.rsplit(":", 1)[1]
    assert "give another --port" in run("--data", str(tmp_path), "--port", port).stderr
    assert "in use by another sandbox" in run("--data", str(sandbox.data)).stderr


def test_imports_neither_django_nor_an_app() -> None:
    code = (
        "import sys, billing_project.stripe_sandbox.__main__\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('django', 'apps', 'stripe', 'celery')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_not_http_is_answered_in_the_same_shape(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rsplit(":", 1)[1])
    for line in (b"FETCH /v1/account HTTP/1.1\r\n\r\n", b"GET /v1 account HTTP/1.1 extra\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
            raw.sendall(line)
            answer = b""
            while piece := raw.recv(4096):
                answer += piece
        assert b'"code": "http_invalid"' in answer
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.sendall(b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n")
        assert b'"length_invalid"' in raw.recv(4096)
    assert sandbox.call("GET", "/_sandbox/health")[1]["status"] == "ok"
