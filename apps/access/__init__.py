"""Who may come in, and how often: staff users, roles, API keys, limits, idempotent requests.

Owns: User, the role table, ApiKey, bearer authentication, client addresses, rate limits, IdempotentRequest. Does not
own: what a resource is (each app names its row of the role table), the shape of an answer (rest). Calls: kernel,
rest (errors, viewsets). Announces: nothing.
"""
