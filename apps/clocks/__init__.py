"""Test clocks: time that stands still until somebody moves it.

Owns: TestClock, and the answer to "what time is it for this account". Does not own: the wall clock (kernel.clock), the
accounts that live on a clock. Calls: audit's trigger, kernel. Announces: nothing.
"""
