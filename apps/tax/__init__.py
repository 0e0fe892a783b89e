"""Taxes: which rate applies where and when, and how tax is rounded and shared over lines.

Owns: dated tax rates, the seller's registrations, the arithmetic of tax, the provider interface. Does not own: invoices
and their tax lines, accounts, exemption certificates. Calls: kernel, rest. Announces: nothing.
"""
