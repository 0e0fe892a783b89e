"""Transactional outbox: what happened is committed with the change itself, and told to those above.

Owns: Event (append only, gapless positions) and Delivery; publish, the registry of subscribers, relay, sequencer,
dead letters. Does not own: the payload of an event (each app's objects), webhooks to customers. Calls: kernel, rest.
Announces: nothing of its own; it carries what others announce.
"""
