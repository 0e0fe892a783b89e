"""E-invoices: an invoice or credit note in the terms of EN 16931, checked by its rules, as UBL 2.1 or CII (Factur-X).

terms: what is said. parties, lines, taxes: how it is found. checks: whether it may leave. ubl, cii: how it is written.
"""
