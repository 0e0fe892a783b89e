"""Signing in over the API, going on, signing out; what a customer's token shows; what ends them all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
import time_machine
from django.db import connection
from django.test import Client

from apps.access import rules
from apps.access.actions import revoke_api_key
from apps.access.actions.signing import rotate
from apps.access.actions.tokens import purge, sign_out_everywhere
from apps.access.models import ApiKey, IdempotentRequest, RefreshToken, SignIn, SigningKey
from apps.kernel import clock
from apps.kernel.actors import system
from tests.access.signing import PASSWORD, enrolled, shown, staff

pytestmark = pytest.mark.django_db

Make = Callable[..., tuple[ApiKey, str]]
ACTOR = system("test")
TOKEN = "/auth/token"


@pytest.fixture(autouse=True)
def _routes(settings: Any) -> None:
    settings.ROOT_URLCONF = "billing_project.urls"


def granted(api: Any, user: Any, **more: Any) -> dict[str, Any]:
    body = {"grant_type": "password", "username": user.get_username(), "password": PASSWORD, **more}
    answer = api("post", TOKEN, body=body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def refreshed(api: Any, token: str) -> Any:
    return api("post", TOKEN, body={"grant_type": "refresh_token", "refresh_token": token})


def code(answer: Any) -> tuple[int, str]:
    problem = answer.json()
    assert problem["hint"]
    return answer.status_code, problem["code"]


@pytest.mark.fr("FR-132")
@pytest.mark.parametrize(("role", "status"), [("super_admin", 200), ("billing_admin", 403)])
def test_a_person_comes_in_by_password_and_may_what_its_roles_may(api: Any, role: str, status: int) -> None:
    tokens = granted(api, staff(role))
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", rules.ACCESS_SECONDS)
    assert api("get", "/api-keys", tokens["access_token"]).status_code == status
    assert api("get", "/plans", tokens["access_token"]).status_code == 200


def test_what_a_person_does_by_a_token_is_logged_as_its_own(api: Any, django_assert_num_queries: Any) -> None:
    user = staff("super_admin")
    token = granted(api, user)["access_token"]
    api("post", "/accounts", token, {"email": "a@example.com", "name": "A"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT actor FROM audit_entry WHERE table_name = 'accounts_account'")
        assert cursor.fetchall() == [(f"user:{user.pk}",)]


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({}, 422, "invalid"),
        ({"grant_type": "magic"}, 422, "invalid"),
        ({"grant_type": "password"}, 422, "validation_failed"),
        ({"grant_type": "password", "username": "nobody", "password": "x"}, 401, "sign_in_refused"),
        ({"grant_type": "password", "username": "", "password": "x"}, 422, "invalid"),
        ({"grant_type": "password", "username": "a", "password": ["x"]}, 422, "invalid"),
        ({"grant_type": "password", "username": "a" * 151, "password": "x"}, 422, "invalid"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 401, "refresh_token_unknown"),
        ({"grant_type": "customer", "account_id": str(uuid4())}, 401, "unauthenticated"),
        ({"grant_type": "customer", "account_id": "x"}, 422, "invalid"),
        ({"grant_type": "password", "extra": 1}, 422, "invalid"),
    ],
)
def test_what_gets_no_token(api: Any, body: Any, status: int, expected: str) -> None:
    assert code(api("post", TOKEN, body=body)) == (status, expected)
    assert not SignIn.objects.exists()


def test_who_is_no_staff_or_inactive_gets_none(api: Any) -> None:
    for name, fields in (("a", {"is_active": False}),):
        user = staff("billing_admin", name, **fields)
        body = {"grant_type": "password", "username": user.username, "password": PASSWORD}
        assert code(api("post", TOKEN, body=body)) == (401, "sign_in_refused")
    user = staff("billing_admin", "c")
    user.is_staff = False
    user.save()
    assert code(api("post", TOKEN, body={**body, "username": "c"})) == (401, "sign_in_refused")


@pytest.mark.fr("FR-132")
def test_refresh_tokens_follow_one_another(api: Any) -> None:
    first = granted(api, staff())
    second = refreshed(api, first["refresh_token"]).json()
    third = refreshed(api, second["refresh_token"]).json()
    assert len({each["refresh_token"] for each in (first, second, third)}) == 3
    assert api("get", "/plans", third["access_token"]).status_code == 200
    assert {each["refresh_expires_at"] for each in (first, second, third)} == {first["refresh_expires_at"]}
    kept = list(RefreshToken.objects.values_list("token_hash", flat=True))
    assert not any(each["refresh_token"] in kept for each in (first, second, third))


def test_a_family_ends_at_its_time_however_often_it_is_refreshed(api: Any) -> None:
    with time_machine.travel(clock.wall(), tick=False) as travelled:
        token = granted(api, staff())["refresh_token"]
        travelled.shift(rules.SIGN_IN_SECONDS - 60)
        last = refreshed(api, token).json()
        assert last["expires_in"] == 60
        travelled.shift(61)
        assert code(api("get", "/plans", last["access_token"])) == (401, "token_expired")
        assert code(refreshed(api, last["refresh_token"])) == (401, "refresh_token_expired")
        assert purge(at=clock.wall()) == 0
        travelled.shift(timedelta(days=1))
        assert purge(at=clock.wall()) == 2


@pytest.mark.fr("FR-132")
def test_an_access_token_lives_a_quarter_of_an_hour(api: Any) -> None:
    with time_machine.travel(clock.wall(), tick=False) as travelled:
        token = granted(api, staff())["access_token"]
        travelled.shift(rules.ACCESS_SECONDS - 1)
        assert api("get", "/plans", token).status_code == 200
        travelled.shift(2)
        assert code(api("get", "/plans", token)) == (401, "token_expired")


@pytest.mark.parametrize("what", ["inactive", "no staff", "password", "signed out", "everywhere"])
def test_what_ends_a_sign_in(api: Any, what: str) -> None:
    user = staff()
    tokens = granted(api, user)
    match what:
        case "inactive":
            user.is_active = False
        case "no staff":
            user.is_staff = False
        case "password":
            user.set_password("another made-up password")
        case "signed out":
            assert api("delete", TOKEN, tokens["access_token"]).status_code == 204
        case "everywhere":
            assert sign_out_everywhere(user.pk, at=clock.wall(), actor=ACTOR) == 1
    user.save()
    assert code(api("get", "/plans", tokens["access_token"])) == (401, "token_revoked")
    assert refreshed(api, tokens["refresh_token"]).status_code == 401


def test_signing_out_needs_a_sign_in(api: Any, make_key: Make) -> None:
    assert code(api("delete", TOKEN)) == (401, "no_sign_in")
    assert code(api("delete", TOKEN, make_key()[1])) == (401, "no_sign_in")


@pytest.mark.fr("FR-132")
def test_a_second_factor_is_asked_for_where_there_is_one(api: Any) -> None:
    user, now = staff(), clock.wall()
    with time_machine.travel(now, tick=False) as travelled:
        codes = enrolled(user)
        body = {"grant_type": "password", "username": user.username, "password": PASSWORD}
        assert code(api("post", TOKEN, body=body)) == (401, "second_factor_required")
        assert code(api("post", TOKEN, body={**body, "code": "000000"})) == (422, "second_factor_wrong")
        travelled.shift(60)
        right = shown(user, clock.wall())
        assert granted(api, user, code=right)
        assert code(api("post", TOKEN, body={**body, "code": right})) == (422, "second_factor_wrong")
        assert granted(api, user, code=codes[0])
        assert code(api("post", TOKEN, body={**body, "code": codes[0]})) == (422, "second_factor_wrong")


@pytest.mark.fr("FR-132")
def test_a_super_admin_without_one_gets_no_token_where_it_is_required(api: Any, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    body = {"grant_type": "password", "username": staff("super_admin").username, "password": PASSWORD}
    assert code(api("post", TOKEN, body=body)) == (403, "second_factor_missing")
    assert granted(api, staff("finance_viewer"))


@pytest.mark.fr("FR-132")
def test_a_customers_token_shows_one_account_and_changes_nothing(api: Any, make_key: Make) -> None:
    plain = make_key(role="finance_viewer")[1]
    writer = make_key()[1]
    mine, other = (api("post", "/accounts", writer, {"email": "a@example.com", "name": "A"}).json() for _ in range(2))
    body = {"grant_type": "customer", "account_id": mine["id"], "expires_in": 120}
    answer = api("post", TOKEN, plain, body)
    assert (answer.status_code, answer.json()["expires_in"], answer.json()["refresh_token"]) == (201, 120, None)
    assert answer["Cache-Control"] == "no-store"
    token = answer.json()["access_token"]
    assert [each["id"] for each in api("get", "/accounts", token).json()["data"]] == [mine["id"]]
    assert api("get", f"/accounts/{mine['id']}", token).status_code == 200
    assert code(api("get", f"/accounts/{other['id']}", token)) == (404, "not_found")
    assert api("get", f"/accounts/{mine['id']}?expand=latest_invoice", token).json()["latest_invoice"] is None
    refused = api("get", f"/accounts/{mine['id']}?expand=default_payment_method", token)
    assert code(refused) == (422, "expand_unknown")
    for path in ("/subscriptions", "/invoices", "/payments", "/usage"):
        assert api("get", path, token).json()["data"] == []
    assert code(api("patch", f"/accounts/{mine['id']}", token, {"name": "B"})) == (403, "forbidden")
    for path in ("/plans", "/credits", "/events", "/api-keys", "/ledger/trial-balance"):
        assert code(api("get", path, token)) == (403, "forbidden")
    for path in ("balance", "statement", "access", "dunning-history"):
        assert code(api("get", f"/accounts/{mine['id']}/{path}", token)) == (403, "customer_scope")
    assert code(api("get", f"/accounts/{other['id']}/balance", token)) == (403, "customer_scope")
    assert code(api("get", f"/usage/summary?subscription_id={uuid4()}", token)) == (403, "customer_scope")
    assert code(api("post", TOKEN, token, body)) == (403, "customer_scope")


def test_a_customers_token_ends_with_its_key(api: Any, make_key: Make) -> None:
    key, plain = make_key()
    token = api("post", TOKEN, plain, {"grant_type": "customer", "account_id": str(uuid4())}).json()["access_token"]
    assert api("get", "/accounts", token).status_code == 200
    revoke_api_key(key.pk, at=clock.wall(), actor=ACTOR)
    assert code(api("get", "/accounts", token)) == (401, "token_revoked")


def test_a_token_is_stored_nowhere(api: Any, make_key: Make) -> None:
    body = {"grant_type": "customer", "account_id": str(uuid4())}
    plain = make_key()[1]
    first = api("post", TOKEN, plain, body, Idempotency_Key="once").json()
    again = api("post", TOKEN, plain, body, Idempotency_Key="once")
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == {**first, "access_token": None}
    assert first["access_token"].encode() not in bytes(IdempotentRequest.objects.get().body)


@pytest.mark.fr("FR-132")
def test_keys_are_rotated_published_and_withdrawn(api: Any, client: Client) -> None:
    def published() -> list[str]:
        answer = client.get("/.well-known/jwks.json")
        assert "d" not in answer.json()["keys"][0] if answer.json()["keys"] else True
        return [each["kid"] for each in answer.json()["keys"]]

    assert published() == []
    user = staff()
    first = granted(api, user)["access_token"]
    rotate(at=clock.wall(), actor=ACTOR)
    second = granted(api, user)["access_token"]
    kids = [jwt.get_unverified_header(token)["kid"] for token in (second, first)]
    assert published() == kids
    assert [api("get", "/plans", token).status_code for token in (first, second)] == [200, 200]
    assert SigningKey.objects.get(kid=kids[1]).private == ""
    rotate(at=clock.wall(), actor=ACTOR, withdraw=True)
    assert [code(api("get", "/plans", token)) for token in (first, second)] == [(401, "token_invalid")] * 2
    assert len(published()) == 1
    assert api("get", "/plans", granted(api, user)["access_token"]).status_code == 200


def test_others_can_check_a_token_by_the_published_keys(api: Any, client: Client, settings: Any) -> None:
    token = granted(api, staff())["access_token"]
    [found] = client.get("/.well-known/jwks.json").json()["keys"]
    claims = jwt.decode(token, jwt.PyJWK(found), algorithms=["EdDSA"], audience=settings.TOKEN_AUDIENCE)
    assert claims["scope"] == "staff"
    assert claims["iss"] == settings.BILLING_URL


def test_a_token_of_the_other_mode_is_refused(api: Any, settings: Any) -> None:
    token = granted(api, staff())["access_token"]
    settings.BILLING_LIVEMODE = True
    assert code(api("get", "/plans", token)) == (401, "token_for_others")


def test_tokens_are_counted_each_by_whom_it_stands_for(api: Any) -> None:
    token = granted(api, staff())["access_token"]
    assert [int(api("get", "/plans", token)["X-RateLimit-Remaining"]) for _ in range(2)] == [999, 998]


def test_a_staff_token_is_known_by_two_queries(api: Any, django_assert_num_queries: Any) -> None:
    token = granted(api, staff("finance_viewer"))["access_token"]
    with django_assert_num_queries(3):  # and one for the roles
        assert api("get", "/api-keys", token).status_code == 403
