"""dj-stripe in a process of its own, told by STRIPE_API_HOST where Stripe is: `python -m tests.payments.mirror IDS`."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django first
from djstripe.models import Account, Customer, PaymentIntent, PaymentMethod  # noqa: E402

key = settings.STRIPE_SECRET_KEY
for model, object_id in zip((Account, Customer, PaymentMethod, PaymentIntent), sys.argv[1:], strict=True):
    model.sync_from_stripe_data(model(id=object_id).api_retrieve(key), api_key=key)
    print(json.dumps(model.objects.get(id=object_id).stripe_data))
