"""The grammar of HTTP: how every resource is read, refused, listed, filtered and documented.

Owns: problem documents, JSON parsing and limits, the card-number guard, input fields, API objects, pagination,
filters, ETags, expansion, the base viewset, OpenAPI. Does not own: any resource, any table, who may come in
(access), what idempotency stores (access), what a wait waits for (events); the last two are reached by settings.
Calls: kernel. Announces: nothing.
"""
