"""The log of every change of every mutable table, written by PostgreSQL itself.

Owns: audit_entry (partitioned by month, append only), the triggers that fill it, their migration operation.
Does not own: the tables it watches; append-only tables, whose rows are their own record. Calls: kernel.
Announces: nothing.
"""
