"""Routes of the documentation."""

from django.urls import path

from apps.rest import documentation

urlpatterns = [
    path("v1/openapi.json", documentation.openapi),
    path("docs", documentation.docs),
    path("docs/errors", documentation.errors),
]
