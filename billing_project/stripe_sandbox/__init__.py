"""A Stripe-shaped server for development and tests: its own process, its own data folder, the standard library only.

Owns: the objects, idempotency keys and pending webhooks of a pretended Stripe account, kept in a journal on disk.
Does not own: anything of the platform; it imports no app and no Django, and the platform reaches it over HTTP alone.
"""
