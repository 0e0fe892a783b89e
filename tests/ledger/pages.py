"""The routes that these tests call."""

from apps.ledger.api import TrialBalanceViewSet
from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("v1/ledger/trial-balance", TrialBalanceViewSet.as_view({"get": "list"})),
]
