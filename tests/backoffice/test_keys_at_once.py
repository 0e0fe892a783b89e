"""Two clicks at once: a form makes one key, and a key has one successor."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.test import Client

from apps.access.models import ApiKey
from apps.access.rules import Role
from tests.accounts.test_admin import staff
from tests.backoffice.desk import detail
from tests.backoffice.test_keys import ADD, PLAIN, form, made


def clicks(browser: Client, path: str, given: dict[str, str]) -> list[int]:
    """How many keys each of four answers shows."""

    def click(_: int) -> int:
        other = Client()
        other.cookies = browser.cookies
        try:
            return len(set(PLAIN.findall(other.post(path, given).content.decode())))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as at_once:
        return sorted(at_once.map(click, range(4)))


def test_one_form_makes_one_key(committed_db: str) -> None:
    browser = staff(Role.SUPER_ADMIN)
    assert clicks(browser, ADD, form(browser)) == [0, 0, 0, 1]
    assert ApiKey.objects.count() == 1


def test_one_key_has_one_successor(committed_db: str) -> None:
    browser, key = staff(Role.SUPER_ADMIN), made()
    given = {"overlap_hours": "24", "expires_at": ""}
    assert clicks(browser, detail(key, "rotate"), given) == [0, 0, 0, 1]
    assert ApiKey.objects.filter(replaces=key).count() == 1
