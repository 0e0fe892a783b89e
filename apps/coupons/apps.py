"""The app, as Django registers it."""

from django.apps import AppConfig


class CouponsConfig(AppConfig):
    name = "apps.coupons"
