"""A worker in a process of its own, to be killed: `python -m tests.payments.sweeper`, told all by the environment."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
django.setup()

from apps.payments.tasks import sweep  # noqa: E402 - Django first

print("ready", flush=True)
print("answered", sweep(), flush=True)
