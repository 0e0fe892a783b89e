"""Double entry: what every event that moves money does to the books.

Owns: Entry, Posting, the posting table (rules), the trial balance. Does not own: invoices, payments, credits: it knows
them by type and id only. Calls: kernel. Announces: nothing.
"""
