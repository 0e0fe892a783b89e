"""/v1/auth/token: sign in, go on, sign out; tokens for a customer's pages. And the keys that others check them by."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access import queries, rules
from apps.access.actions import tokens
from apps.access.idempotency import store_instead
from apps.access.models import SignIn
from apps.access.objects import TokenObject, token_object
from apps.access.principals import Principal, StaffPrincipal
from apps.kernel import clock
from apps.kernel.errors import Forbidden, Invalid, Problem, Unauthenticated
from apps.rest import inputs
from apps.rest.objects import builtins
from apps.rest.viewsets import ResourceViewSet, operation

NEEDED = {
    "password": ("username", "password"),
    "refresh_token": ("refresh_token",),
    "customer": ("account_id",),
}
PUBLISHED = timedelta(days=1)
"""How long a retired key is published after the last token that it signed."""


class TokenInput(inputs.Input):
    """What is asked for, by `grant_type`: password (with username, code), refresh_token, or customer (account_id)."""

    grant_type = inputs.ChoiceField(choices=list(NEEDED))
    username = inputs.CharField(max_length=150, required=False)
    password = inputs.CharField(max_length=4096, required=False, trim_whitespace=False)
    code = inputs.CharField(max_length=64, required=False, allow_null=True)
    refresh_token = inputs.CharField(max_length=200, required=False)
    account_id = inputs.UUIDField(required=False)
    expires_in = inputs.IntegerField(required=False, min_value=60, max_value=rules.ACCESS_SECONDS)


class TokenViewSet(ResourceViewSet):
    """Access tokens, which live for a quarter of an hour."""

    resource = "tokens"
    queryset = SignIn.objects.all()
    object_class = TokenObject
    permission_classes = [AllowAny]
    # What was tried stays counted, and a family ended, whatever the answer: no transaction is held around them.
    calls_outside = frozenset({"create"})

    @operation(input=TokenInput, output=TokenObject, status=201)
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Sign in by password, go on by refresh token, or make a token that shows one account to its customer."""
        body = self.parse(TokenInput)
        _demand(body)
        now = clock.wall()
        if body["grant_type"] == "customer":
            granted = tokens.customer_token(
                body["account_id"],
                issued_by=_issuer(request).key_id,
                seconds=body.get("expires_in", rules.ACCESS_SECONDS),
                at=now,
            )
        elif body["grant_type"] == "refresh_token":
            granted = tokens.refresh(body["refresh_token"], at=now)
        else:
            granted = tokens.sign_in(
                username=body["username"], password=body["password"], code=body.get("code"), at=now
            )
        shown = token_object(granted)
        response = Response(shown, status=201, headers={"Cache-Control": "no-store"})
        return store_instead(response, {**builtins(shown), "access_token": None, "refresh_token": None})

    @operation(status=204, summary="Sign out: the sign-in's tokens are refused from now on")
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """End the sign-in that the access token belongs to."""
        if not isinstance(request.user, StaffPrincipal):
            raise Unauthenticated(
                "no_sign_in", "Nobody has signed in here.", hint="Send the access token of the sign-in to be ended."
            )
        tokens.sign_out(request.user.sign_in_id, at=clock.wall(), actor=self.actor)
        return self.gone()


@require_safe
def key_set(request: HttpRequest) -> JsonResponse:
    """/.well-known/jwks.json: public halves alone."""
    since = clock.wall() - timedelta(seconds=rules.ACCESS_SECONDS) - PUBLISHED
    response = JsonResponse({"keys": queries.published_keys(since)})
    response["Cache-Control"] = "public, max-age=300"
    return response


def _demand(body: dict[str, Any]) -> None:
    missing = [name for name in NEEDED[body["grant_type"]] if body.get(name) is None]
    if missing:
        raise Invalid(
            "validation_failed",
            f"grant_type {body['grant_type']} needs {' and '.join(NEEDED[body['grant_type']])}.",
            hint="Mend what `errors` points at and send the request again.",
            errors=[Problem(f"/{name}", "required", "This field is required.") for name in missing],
        )


def _issuer(request: Request) -> Principal:
    """The key that asks for a customer's token: one that may read all that the token shows."""
    if request.user is None:
        raise Unauthenticated("unauthenticated", "Nobody is known to be calling.", hint="Send an API key.")
    if not isinstance(request.user, Principal):
        raise Forbidden(
            "customer_scope",
            "An API key alone makes tokens for customers.",
            hint="Ask with an API key, from your server.",
        )
    return request.user
