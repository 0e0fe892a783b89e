"""Reads of usage, by what is asked: windows, keys, totals, events, summaries, partitions."""
