"""The routes that these tests call."""

from django.contrib import admin
from django.urls import path

from apps.ledger.api import TrialBalanceViewSet

urlpatterns = [
    path("admin/", admin.site.urls),
    path("v1/ledger/trial-balance", TrialBalanceViewSet.as_view({"get": "list"})),
]
