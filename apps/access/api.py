"""/v1/api-keys: list, make, show, rotate, revoke. For Super Admins."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access import actions, rules
from apps.access.idempotency import store_instead
from apps.access.models import ApiKey
from apps.access.objects import ApiKeyObject, CreatedApiKeyObject, api_key_objects
from apps.kernel import clock
from apps.rest import inputs
from apps.rest.viewsets import ResourceViewSet, operation


class ApiKeyInput(inputs.Input):
    """What a new key may do. Keys do not change: rotate it, or make another and revoke the old one."""

    name = inputs.CharField(max_length=200)
    role = inputs.ChoiceField(choices=[role.value for role in rules.Role])
    expires_at = inputs.DateTimeField(required=False, allow_null=True)
    allowed_cidrs = serializers.ListField(
        child=inputs.CharField(max_length=43), required=False, max_length=actions.MAX_CIDRS
    )
    rate_limit = inputs.IntegerField(required=False, min_value=0, max_value=actions.MAX_RATE_LIMIT)


class RotateApiKeyInput(inputs.Input):
    """How long the old key goes on; when the new one ends, if not when the old one would have."""

    overlap_hours = inputs.IntegerField(
        min_value=0, max_value=rules.LONGEST_OVERLAP // timedelta(hours=1), required=False
    )
    expires_at = inputs.DateTimeField(required=False)


class ApiKeyViewSet(ResourceViewSet):
    """API keys."""

    resource = "api_keys"
    queryset = ApiKey.objects.select_related("use")
    object_class = ApiKeyObject

    def render(self, rows: Sequence[ApiKey]) -> list[ApiKeyObject]:
        """The objects of `rows`."""
        return api_key_objects(rows)

    @operation(input=ApiKeyInput, output=CreatedApiKeyObject, status=201, summary="Make a key; it is shown this once")
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Make a key. A repetition by Idempotency-Key shows `key` as null, for the key itself is not kept."""
        key, plain = actions.create_api_key(
            **self.parse(ApiKeyInput), livemode=settings.BILLING_LIVEMODE, at=clock.wall(), actor=self.actor
        )
        return self._shown_once(self.created(key, {"key": plain}))

    @operation(
        input=RotateApiKeyInput, output=CreatedApiKeyObject, status=201, summary="Make a key in the place of another"
    )
    def rotate(self, request: Request, **kwargs: Any) -> Response:
        """A new key with the settings of this one, which goes on for `overlap_hours` (24) more.

        The new key is shown this once; a repetition by Idempotency-Key shows `key` as null.
        """
        sent = request.META.get("CONTENT_LENGTH") not in (None, "", "0")
        fields = self.parse(RotateApiKeyInput) if sent else {}
        key, plain = actions.rotate_api_key(
            self.path_id(),
            overlap=timedelta(hours=fields.get("overlap_hours", actions.OVERLAP_HOURS)),
            expires_at=fields.get("expires_at"),
            at=clock.wall(),
            actor=self.actor,
        )
        return self._shown_once(self.created(key, {"key": plain}))

    @operation(status=204, summary="Revoke a key at once")
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Revoke the key. It stays in the list, revoked."""
        actions.revoke_api_key(self.path_id(), at=clock.wall(), actor=self.actor)
        return self.gone()

    def _shown_once(self, response: Response) -> Response:
        """What is stored for repetitions is the same without the key."""
        return store_instead(response, {**response.data, "key": None})
