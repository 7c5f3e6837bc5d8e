"""Fault injection: break what can break while the register works, then see that nothing acknowledged was lost.

Run with `make torture`; `docs/torture.md` says what each fault does and what was found. The tests of this folder run
each in short, and break promises on purpose to see that it is noticed.
"""
