"""The app, as Django registers it."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
