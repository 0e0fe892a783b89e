"""The app, as Django registers it."""

from django.apps import AppConfig


class GraphqlConfig(AppConfig):
    name = "apps.graphql"
    label = "billing_graphql"
