"""Between signing in and the back office: second factor, lock-out, and how long somebody may look away."""

import re
from typing import Any

import pytest
import time_machine
from django.conf import settings as deployed
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from apps.access import rules
from apps.access.actions.second_factor import begin, confirm, take_away
from apps.access.models import RecoveryCode, SecondFactor, User
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import DomainError
from tests.access.signing import PASSWORD, enrolled, shown, staff

pytestmark = pytest.mark.django_db

LOGIN, PAGE, HOME = "/admin/login/", "/admin/second-factor/", "/admin/"


def sign_in(user: User, client: Client | None = None, password: str = PASSWORD) -> Any:
    client = client or Client()
    client.answer = client.post(LOGIN, {"username": user.username, "password": password, "next": HOME})  # type: ignore[attr-defined]
    return client


def leads_to(client: Client, path: str, aim: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 302 and answer["Location"].split("?")[0] == aim


@pytest.mark.fr("FR-132")
def test_a_super_admin_sets_up_a_second_factor_before_anything_else(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    user = staff("super_admin")
    client = sign_in(user)
    for path in (HOME, "/admin/access/user/", "/admin/find/?q=x"):
        assert leads_to(client, path, PAGE)
    page = client.get(PAGE).content.decode()
    assert "<svg" in page
    secret = re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert secret
    assert "http://" not in page.split("<svg")[0].replace("http://www.w3.org", "")
    assert PAGE in client.get(HOME)["Location"]
    assert "is not the one" in client.post(PAGE, {"code": "000000"}).content.decode()
    codes = client.post(PAGE, {"code": shown(user, clock.wall())}).content.decode()
    assert len(re.findall(r"<li>[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}</li>", codes)) == 10
    assert client.get(HOME).status_code == 200
    assert "<svg" not in client.get(PAGE).content.decode().split("<form")[0].split('id="secret"')[0][-300:]


def test_who_opens_the_form_itself_comes_to_the_dashboard() -> None:
    answer = Client().post(LOGIN, {"username": staff("finance_viewer").username, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, HOME)


def test_in_test_mode_nobody_must_and_everybody_can() -> None:
    assert not deployed.STAFF_SECOND_FACTOR
    client = sign_in(staff("finance_viewer"))
    assert client.get(HOME).status_code == 200
    assert "<svg" in client.get(PAGE).content.decode()


@pytest.mark.fr("FR-132")
def test_whoever_has_one_is_asked_for_it_at_each_sign_in() -> None:
    user, now = staff("support_rep"), clock.wall()
    with time_machine.travel(now, tick=False) as travelled:
        codes = enrolled(user)
        for way in ("device", "recovery code"):
            travelled.shift(90)
            client = sign_in(user)
            assert leads_to(client, HOME, PAGE)
            code = shown(user, clock.wall()) if way == "device" else codes[0].upper()
            answer = client.post(PAGE, {"code": code, "next": "/admin/find/?q=a"})
            assert answer["Location"] == "/admin/find/?q=a"
            assert client.get(HOME).status_code == 200
            used = sign_in(user)
            assert "is not the one" in used.post(PAGE, {"code": code}).content.decode()
            assert leads_to(used, HOME, PAGE)


@pytest.mark.parametrize(
    "aim", ["https://evil.example/admin/", "//evil.example/admin/", "/docs", "javascript:alert(1)", ""]
)
def test_the_page_leads_nowhere_else(aim: str) -> None:
    user = staff()
    codes = enrolled(user)
    assert sign_in(user).post(PAGE, {"code": codes[0], "next": aim})["Location"] == HOME


@pytest.mark.parametrize(
    "code", ["", "x", "12345", "1234567", "\uff11\uff12\uff13\uff14\uff15\uff16", "-12345", "a" * 10_000, "\0" * 6]
)
def test_what_is_no_code_is_refused(code: str) -> None:
    user = staff()
    enrolled(user)
    client = sign_in(user)
    assert client.post(PAGE, {"code": code}).status_code == 200
    assert leads_to(client, HOME, PAGE)


def test_wrong_codes_are_counted(settings: Any) -> None:
    user = staff()
    codes = enrolled(user)
    client = sign_in(user)
    for _ in range(rules.MAX_FAILURES):
        client.post(PAGE, {"code": "000000"})
    assert "Too many failed tries" in client.post(PAGE, {"code": codes[0]}).content.decode()
    assert leads_to(client, HOME, PAGE)


def test_the_page_is_for_staff_who_signed_in() -> None:
    assert leads_to(Client(), PAGE, LOGIN)
    outsider = User.objects.create_user("outsider", password=PASSWORD)
    client = Client()
    client.force_login(outsider)
    assert leads_to(client, PAGE, LOGIN)


def test_new_recovery_codes_make_the_old_ones_worthless() -> None:
    user = staff()
    old = enrolled(user)
    client = sign_in(user)
    client.post(PAGE, {"code": old[0]})
    page = client.post(PAGE, {"renew": "1"}).content.decode()
    new = re.findall(r"<li>([a-z2-9-]{17})</li>", page)
    assert len(new) == 10
    assert not set(new) & set(old)
    other = sign_in(user)
    other.post(PAGE, {"code": old[1]})
    assert leads_to(other, HOME, PAGE)
    other.post(PAGE, {"code": new[0]})
    assert other.get(HOME).status_code == 200


def test_secrets_are_encrypted_and_codes_digests_and_neither_is_logged() -> None:
    user = staff()
    codes = enrolled(user)
    secret = SecondFactor.objects.get(user=user).secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM access_secondfactor")
        assert secret not in cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(before::text, '') || coalesce(after::text, '') FROM audit_entry")
        logged = " ".join(row[0] for row in cursor.fetchall())
    assert secret not in logged
    hashes = list(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert not any(code in logged or code in hashes for code in codes)
    assert not any(each in logged for each in hashes)


def test_a_second_factor_is_set_up_once_and_taken_away_by_a_super_admin() -> None:
    user = staff("support_rep")
    enrolled(user)
    with pytest.raises(DomainError) as refused:
        begin(user, at=clock.wall(), actor=user.actor)
    assert refused.value.code == "second_factor_there"
    admin = sign_in(staff("super_admin"))
    chosen = {"action": "take_second_factor", "_selected_action": str(user.pk)}
    assert admin.post("/admin/access/user/", chosen).status_code == 302
    user.refresh_from_db()
    assert user.second_factor_at is None
    assert sign_in(user).get(HOME).status_code == 200
    assert len(enrolled(user)) == 10


def test_nothing_is_confirmed_that_was_not_begun() -> None:
    user = staff()
    with pytest.raises(DomainError) as refused:
        confirm(user, "000000", at=clock.wall(), actor=user.actor)
    assert refused.value.code == "second_factor_not_begun"


def test_the_server_takes_a_lost_one_away() -> None:
    user = staff("super_admin")
    enrolled(user)
    call_command("take_second_factor", user.username)
    assert not SecondFactor.objects.exists()
    with pytest.raises(CommandError, match="Nobody"):
        call_command("take_second_factor", "nobody")


def test_another_second_factor_is_asked_for_anew() -> None:
    user = staff()
    codes = enrolled(user)
    client = sign_in(user)
    client.post(PAGE, {"code": codes[0]})
    assert client.get(HOME).status_code == 200
    take_away(user.pk, actor=system("test"))
    enrolled(user)
    assert leads_to(client, HOME, PAGE)


@pytest.mark.fr("FR-132", "SC-047")
def test_a_name_is_locked_and_the_form_says_so() -> None:
    user = staff()
    for _ in range(rules.MAX_FAILURES):
        assert sign_in(user, password="wrong").answer.status_code == 200
    locked = sign_in(user)
    assert "Too many failed tries" in locked.answer.content.decode()
    assert leads_to(locked, HOME, LOGIN)
    admin = sign_in(staff("super_admin"))
    admin.post("/admin/access/user/", {"action": "unlock", "_selected_action": str(user.pk)})
    assert sign_in(user).get(HOME).status_code == 200


def test_only_super_admins_unlock() -> None:
    user = staff()
    enrolled(user)
    for role in ("support_rep", "finance_viewer"):
        client = sign_in(staff(role))
        for action in ("unlock", "take_second_factor", "sign_out"):
            answer = client.post("/admin/access/user/", {"action": action, "_selected_action": str(user.pk)})
            assert answer.status_code == 403
    assert SecondFactor.objects.filter(user=user).exists()


@pytest.mark.fr("FR-132")
def test_who_looks_away_too_long_signs_in_again(settings: Any) -> None:
    user = staff("finance_viewer")
    with time_machine.travel(clock.wall(), tick=False) as travelled:
        client = sign_in(user)
        for _ in range(3):
            travelled.shift(settings.STAFF_IDLE_MINUTES * 60 - 1)
            assert client.get(HOME).status_code == 200
        travelled.shift(settings.STAFF_IDLE_MINUTES * 60 + 1)
        assert leads_to(client, HOME, LOGIN)
        assert leads_to(client, HOME, LOGIN)
        assert sign_in(user, client).get(HOME).status_code == 200


def test_without_its_stamp_a_session_counts_from_its_sign_in(settings: Any) -> None:
    user = staff("finance_viewer")
    with time_machine.travel(clock.wall(), tick=False) as travelled:
        client = sign_in(user)
        travelled.shift(settings.STAFF_IDLE_MINUTES * 60 + 1)
        for stamp in ("", "forged", "1:2:3"):
            client.cookies["staff_seen"] = stamp
            assert leads_to(client, HOME, LOGIN)
            sign_in(user, client)
            travelled.shift(settings.STAFF_IDLE_MINUTES * 60 + 1)


def test_a_password_that_changes_ends_the_session() -> None:
    user = staff("finance_viewer")
    client = sign_in(user)
    user.set_password("another made-up password")
    user.save()
    assert leads_to(client, HOME, LOGIN)
