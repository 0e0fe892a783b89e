"""Where every cent of an invoice comes from: derived anew from what is stored, apart from the code that billed it.

Owns: the derivation, its sentences, and the comparison with what is stored. No tables.
Does not own: invoices and their making. Calls: plans, coupons, tax, invoices (reads). Announces: nothing.
"""
