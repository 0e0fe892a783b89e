"""The mutation recordUsage: one event, by the function of POST /v1/usage."""

from typing import Any

import graphene

from apps.graphql.scalars import JSON, DateTime, Decimal
from apps.graphql.shapes import described, fields_of
from apps.kernel import clock
from apps.rest.objects import encode
from apps.rest.permissions import demand
from apps.usage.actions.single import record_one
from apps.usage.objects import UsageEventObject
from apps.usage.rules.reading import single


class UsageEvent(fields_of(UsageEventObject), graphene.ObjectType):  # type: ignore[misc]
    class Meta:
        description = described(UsageEventObject)


class RecordUsageInput(graphene.InputObjectType):
    """The event. Sent again by its `idempotencyKey` it changes nothing. Name the subscription by id or external key."""

    idempotency_key = graphene.String(required=True)
    subscription_id = graphene.ID()
    subscription_external_key = graphene.String()
    metric = graphene.String(required=True)
    quantity = Decimal(description="1 when left out.")
    timestamp = DateTime(required=True)
    properties = JSON(description="Flat: texts, numbers, booleans.")


class RecordUsage(graphene.Mutation):
    """Record one usage event, as POST /v1/usage does."""

    class Arguments:
        input = RecordUsageInput(required=True)

    event = graphene.Field(UsageEvent, required=True)
    duplicate = graphene.Boolean(required=True, description="The key was known, and nothing was changed.")

    @staticmethod
    def mutate(root: None, info: Any, input: dict[str, Any]) -> dict[str, Any]:
        demand(info.context.principal, "usage", "write")
        event = record_one(single(encode(dict(input))), at=clock.wall())
        return {"event": event, "duplicate": event.duplicate}
