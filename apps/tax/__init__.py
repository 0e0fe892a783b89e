"""Taxes: which rate applies where and when, who owes it, and how tax is rounded and shared over lines.

Owns: dated tax rates, the seller's registrations, VAT numbers and what VIES says of them, the arithmetic of tax, the
provider interface. Does not own: invoices and their tax lines, accounts, exemption certificates. Calls: kernel, rest,
events, accounts. Announces: nothing.
"""
