"""Who comes in by a key, who does not, and what it costs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.access.actions import revoke_api_key
from apps.access.authentication import MAX_HEADER_BYTES
from apps.access.models import ApiKey, KeyUse
from apps.kernel import clock
from apps.kernel.actors import system
from tests.access.test_rules import CELLS, RIGHTS

pytestmark = pytest.mark.django_db

Make = Callable[..., tuple[ApiKey, str]]


def refused(response: Any, status: int, code: str) -> None:
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert problem["hint"]
    if status == 401:
        assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.fr("FR-125")
def test_a_key_lets_in(api: Any, make_key: Make) -> None:
    assert api("get", "/notes", make_key()[1]).status_code == 200


@pytest.mark.fr("FR-125")
def test_nobody_is_refused(api: Any) -> None:
    refused(api("get", "/notes"), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "authorization_malformed"),
        ("Bearer", "authorization_malformed"),
        ("Bearer ", "authorization_malformed"),
        ("Basic dXNlcjpwYXNz", "authorization_malformed"),
        ("bk_test_without_scheme", "authorization_malformed"),
        ("Bearer " + "a" * MAX_HEADER_BYTES, "authorization_malformed"),
        ("Bearer nonsense", "api_key_malformed"),
        ("Bearer a b", "api_key_malformed"),
        ("Bearer bk_test_é", "api_key_malformed"),
        ("Bearer bk_test_" + "a" * 51, "api_key_unknown"),
    ],
)
def test_what_is_no_key_is_refused(api: Any, header: str, code: str) -> None:
    refused(api("get", "/notes", Authorization=header), 401, code)


def test_the_scheme_is_read_in_any_case(api: Any, make_key: Make) -> None:
    assert api("get", "/notes", Authorization=f"bearer  {make_key()[1]} ").status_code == 200


def test_a_known_prefix_with_another_secret_is_unknown(api: Any, make_key: Make) -> None:
    key, plain = make_key()
    forged = key.prefix + plain[len(key.prefix) :][::-1]
    refused(api("get", "/notes", forged), 401, "api_key_unknown")


@pytest.mark.fr("FR-140")
def test_a_revoked_key_is_refused_at_once(api: Any, make_key: Make) -> None:
    key, plain = make_key()
    assert api("get", "/notes", plain).status_code == 200
    revoke_api_key(key.pk, at=clock.wall(), actor=system("test"))
    refused(api("get", "/notes", plain), 401, "api_key_revoked")


@pytest.mark.fr("FR-140")
def test_an_expired_key_is_refused(api: Any, make_key: Make) -> None:
    key, plain = make_key(expires_at=clock.wall() + timedelta(hours=1))
    assert api("get", "/notes", plain).status_code == 200
    ApiKey.objects.filter(pk=key.pk).update(expires_at=clock.wall())
    refused(api("get", "/notes", plain), 401, "api_key_expired")


def test_a_key_of_the_other_mode_is_refused_with_a_hint(api: Any, make_key: Make) -> None:
    response = api("get", "/notes", make_key(livemode=True)[1])
    refused(response, 401, "api_key_other_mode")
    assert "bk_test_" in response.json()["hint"]


@pytest.mark.fr("FR-141")
def test_an_address_outside_the_allow_list_is_refused(api: Any, make_key: Make) -> None:
    _, plain = make_key(allowed_cidrs=["192.0.2.0/24", "2001:db8::/32"])
    api.address = "192.0.2.77"
    assert api("get", "/notes", plain).status_code == 200
    api.address = "2001:db8::77"
    assert api("get", "/notes", plain).status_code == 200
    api.address = "198.51.100.1"
    refused(api("get", "/notes", plain), 403, "address_not_allowed")
    refused(api("get", "/notes", plain, X_Forwarded_For="192.0.2.77"), 403, "address_not_allowed")


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize(("role", "resource", "letter"), CELLS)
def test_a_key_may_what_its_role_may(api: Any, make_key: Make, role: str, resource: str, letter: str) -> None:
    _, plain = make_key(role=role)
    reads = api("get", f"/of/{resource}", plain)
    writes = api("post", f"/of/{resource}", plain, {"name": "x"})
    assert reads.status_code == (200 if "read" in RIGHTS[letter] else 403)
    assert writes.status_code == (201 if "write" in RIGHTS[letter] else 403)


def test_authentication_is_one_query(api: Any, make_key: Make) -> None:
    key, plain = make_key(role="support_rep")
    path = "/of/ledger"  # forbidden to this role, so nothing but authentication asks the database
    assert api("get", path, plain).status_code == 403
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert api("get", path, plain).status_code == 403
    assert len(queries) == 1
    assert ApiKey.objects.get(pk=key.pk).last_used_at is not None


@pytest.mark.fr("FR-140")
def test_last_use_is_written_at_most_once_a_minute(api: Any, make_key: Make) -> None:
    key, plain = make_key()
    assert key.last_used_at is None
    api("get", "/notes", plain)
    first = KeyUse.objects.get(key=key).at
    api("get", "/notes", plain)
    assert KeyUse.objects.get(key=key).at == first
    KeyUse.objects.filter(key=key).update(at=first - timedelta(minutes=2))
    api("get", "/notes", plain)
    assert KeyUse.objects.get(key=key).at >= first
