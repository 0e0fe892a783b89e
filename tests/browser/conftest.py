"""A real Chromium before the web server of production, on a database of the test's own."""

import os
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Browser, Page, sync_playwright

from apps.access.models import User
from billing_project.services.children import free_port
from billing_project.services.processes import web_command
from tests.scenarios.stack import wait_until

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a made-up password"


def chromium() -> str:
    """The one that CHROMIUM names, else the one that `make tools` found."""
    stamp = ROOT / ".tools" / "chromium"
    named = os.environ.get("CHROMIUM") or (stamp.read_text().strip() if stamp.exists() else "")
    assert named, "no Chromium: run `make tools`"
    return named


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium())
        yield running
        running.close()


@pytest.fixture(autouse=True)
def _database_beside_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop on this thread, in which Django would refuse to ask the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def server(_database_beside_a_browser: None, committed_db: str, tmp_path: Path) -> Iterator[str]:
    """The address of web, started as in production."""
    port, log = free_port(), tmp_path / "web.log"
    url = f"http://127.0.0.1:{port}"
    env = {
        **os.environ, "DATABASE_URL": committed_db, "WEB_WORKERS": "1", "WEB_THREADS": "4", "DATABASE_POOL_SIZE": "5",
        "BILLING_URL": url,
    }  # fmt: skip

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{url}/health", timeout=2).close()
        except OSError:
            return False
        return True

    with log.open("wb") as out:
        process = subprocess.Popen(web_command(port, env), cwd=ROOT, env=env, stdout=out, stderr=out)
        try:
            wait_until(answers, 60)
            yield url
        finally:
            process.terminate()
            process.wait(30)  # longer than requests under way are waited for


@dataclass
class Desk:
    """One person's browser; `faults` is what no page may do: errors, other hosts, breaches of its policy."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(f"error {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        # That a page was refused is what some tests ask for; policy breaches are console errors of their own.
        if message.type == "error" and "status of 403" not in message.text:
            self.faults.append(f"console {message.text} {message.location['url']}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:", "about:")):
            self.faults.append(f"request {request.url}")

    def open(self, path: str) -> int:
        answer = self.page.goto(self.url + path)
        assert answer is not None
        return answer.status

    def sign_in(self, role: str) -> None:
        user = User.objects.create_user(username=f"{role}-desk", password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        self.open("/admin/")
        self.page.get_by_label("Username").fill(user.username)
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.locator("input[type=password]").press("Enter")
        self.page.wait_for_url(f"{self.url}/admin/")

    def has_link(self, part: str) -> bool:
        return self.page.locator(f"a[href*='{part}']").count() > 0


@pytest.fixture
def desk(server: str, browser: Browser) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    found = Desk(context.new_page(), server)
    found.watch()
    yield found
    context.close()
    assert found.faults == []
