"""Events on their way to programs of others: webhooks, and analytics platforms that take them as Segment does.

Owns: Endpoint, its secrets and state, Delivery, Attempt, Resend; signing, retries, what may be called and how. Does not
own: events and their positions (events), pages of staff (backoffice). Calls: access, audit, events. Hears: that events
have been given positions. Announces: webhook_endpoint.disabled.
"""
