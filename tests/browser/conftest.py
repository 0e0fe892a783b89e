"""A real Chromium before the web server of production, on a database of the test's own."""

import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Browser, Page, sync_playwright

from apps.access.models import User
from billing_project.services.children import free_port
from billing_project.services.processes import web_command
from tests import databases
from tests.conftest import committing
from tests.scenarios.stack import wait_until

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a made-up password"
POOL = 4
UNKNOWN_KEY = "bk_test_" + "0" * 51


def chromium() -> str:
    """The one that CHROMIUM names, else the one that `make tools` found."""
    stamp = ROOT / ".tools" / "chromium"
    named = os.environ.get("CHROMIUM") or (stamp.read_text().strip() if stamp.exists() else "")
    assert named, "no Chromium: run `make tools`"
    return named


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium())
        yield running
        running.close()


@pytest.fixture(autouse=True)
def _database_beside_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop on this thread, in which Django would refuse to ask the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@dataclass(frozen=True)
class Web:
    """A web server started as in production, and the name of the database that it asks."""

    url: str
    database: str

    def renew(self) -> None:
        """Let it meet a database that was made anew: whatever connections it kept are asked, and replaced."""
        wait_until(lambda: all(self._asked() == 401 for _ in range(POOL + 1)), 30)

    def _asked(self) -> int:
        request = urllib.request.Request(f"{self.url}/v1/plans", headers={"Authorization": f"Bearer {UNKNOWN_KEY}"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code


@contextmanager
def web(database: str, log: Path) -> Iterator[Web]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {
        **os.environ, "DATABASE_URL": databases.with_name(os.environ["DATABASE_URL"], database), "WEB_WORKERS": "1",
        "WEB_THREADS": str(POOL), "DATABASE_POOL_SIZE": str(POOL), "BILLING_URL": url,
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
            yield Web(url, database)
        finally:
            process.terminate()
            process.wait(30)  # longer than requests under way are waited for


@pytest.fixture(scope="package")
def kept_web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One for all tests that want nothing particular of it: to start it takes longer than most of them."""
    database = f"billing_browser_{os.getpid()}"
    databases.clone(database)
    with web(database, tmp_path_factory.mktemp("web") / "web.log") as found:
        yield found
    databases.drop(database)


@pytest.fixture
def server(_database_beside_a_browser: None, kept_web: Web, django_db_blocker: Any) -> Iterator[str]:
    """The address of web, which asks a fresh database; so does the test."""
    with committing(kept_web.database, django_db_blocker):
        kept_web.renew()
        yield kept_web.url


@pytest.fixture
def own_server(_database_beside_a_browser: None, committed_db: str, tmp_path: Path) -> Iterator[str]:
    """The address of a web server of the test's own, with what is in its environment now."""
    with web(urlsplit(committed_db).path[1:], tmp_path / "web.log") as found:
        yield found.url


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
