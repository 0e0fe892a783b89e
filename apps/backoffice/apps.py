"""The app, as Django registers it, and the admin site that staff see."""

from django.apps import AppConfig
from django.contrib.admin import apps as django_admin


class BackofficeConfig(AppConfig):
    name = "apps.backoffice"
    default = True


class SiteConfig(django_admin.AdminConfig):
    """Django's admin with the site of ours."""

    default = False
    default_site = "apps.backoffice.site.BackOffice"
