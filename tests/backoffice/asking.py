"""A member of staff who is asked before something is done: looks at it, and confirms."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.backoffice.desk import said

SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')


@dataclass
class Asked:
    """A page of a question. `page`: what it says, without marks; `seen`: what confirms it, once it is shown."""

    browser: Client
    path: str
    page: str = ""
    seen: str = ""
    status: int = 0

    def look(self, **given: Any) -> "Asked":
        """Send the form, and read what would come of it."""
        return self._read(self.browser.post(self.path, given))

    def open(self) -> "Asked":
        """Follow the link."""
        return self._read(self.browser.get(self.path))

    def confirm(self, **given: Any) -> str:
        """Press the button below what is shown; what is said then, or the page if it is asked again."""
        answer = self.browser.post(self.path, {**given, "seen": self.seen})
        if answer.status_code == 302:
            return said(answer)
        return self._read(answer).page

    def do(self, **given: Any) -> str:
        """Look and confirm; what is said, or the page where nothing can be confirmed."""
        return self.confirm(**given) if self.look(**given).seen else self.page

    def _read(self, answer: Any) -> "Asked":
        html = answer.content.decode()
        found = SEEN.search(html)
        self.seen, self.status = found[1] if found else "", answer.status_code
        self.page = " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition('id="content-main"')[2])).split())
        return self


def asked(browser: Client, name: str, row: Any = None) -> Asked:
    """The question `app_model_way` about a row."""
    return Asked(browser, reverse(f"admin:{name}", args=[row.pk] if row else []))
