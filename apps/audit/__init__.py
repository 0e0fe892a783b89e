"""The log of every change of every mutable table, written by PostgreSQL itself, and of who has seen whose data.

Owns: audit_entry (partitioned by month, append only), the triggers that fill it, their migration operation, the
function that notes an access.
Does not own: the tables it watches; append-only tables, whose rows are their own record. Calls: kernel.
Announces: nothing.
"""
