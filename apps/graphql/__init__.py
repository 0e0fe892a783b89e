"""The same objects as the REST API shows, read nested in one request. No tables.

Owns: the GraphQL schema, its loaders, its limits, the page to try it on. Does not own: any row or object it shows, nor
who may see it (the role table of access). Calls: accounts, analytics, invoices, payments, plans, subscriptions (reads),
usage (records one event). Announces: nothing.
"""
