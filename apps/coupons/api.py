"""/v1/coupons"""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.coupons import actions, queries
from apps.coupons.models import Coupon
from apps.coupons.objects import CouponObject, coupon_objects
from apps.coupons.rules import Duration
from apps.rest import inputs
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation

MAX_COUNT = 2**31 - 1


class CouponInput(inputs.Input):
    """What POST takes."""

    code = inputs.ExternalKeyField()
    name = inputs.CharField(max_length=255)
    percent_off = inputs.DecimalField(max_digits=7, decimal_places=4, required=False, allow_null=True)
    amount_off = inputs.AmountField(min_value=1, required=False, allow_null=True)
    currency = inputs.CurrencyField(required=False, allow_null=True)
    duration = inputs.ChoiceField(choices=[each.value for each in Duration])
    duration_periods = inputs.IntegerField(min_value=1, max_value=1200, required=False, allow_null=True)
    plan_ids = serializers.ListField(child=inputs.UUIDField(), max_length=1000, required=False)
    max_redemptions = inputs.IntegerField(min_value=1, max_value=MAX_COUNT, required=False, allow_null=True)
    redeem_by = inputs.DateTimeField(required=False, allow_null=True)
    metadata = inputs.MetadataField()


class CouponFilter(MetadataFilterMixin, ResourceFilterSet):
    code = filters.CharFilter(lookup_expr="iexact")
    active = filters.BooleanFilter()

    class Meta:
        model = Coupon
        fields: list[str] = []


class CouponViewSet(ResourceViewSet):
    """Coupons: attached by `coupon` when a subscription is made, they come off its charges before tax."""

    resource = "coupons"
    queryset = queries.coupons()
    object_class = CouponObject
    filterset_class = CouponFilter

    def render(self, rows: Any) -> list[CouponObject]:
        return coupon_objects(rows)

    @operation(input=CouponInput, output=CouponObject, status=201)
    def create(self, request: Request) -> Response:
        """Make a coupon: so many percent, or an amount of one currency; once, for some periods, or for ever."""
        return self.created(actions.create(fields=self.parse(CouponInput), actor=self.actor))

    @operation(status=204)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """End a coupon: nobody can take it any more; where it is attached it goes on."""
        actions.end(coupon_id=self.get_object().pk, actor=self.actor)
        return self.gone()
