"""Fault injection: break what can break while the register works, then see that nothing acknowledged was lost.

Run with `make torture`; `tests/torture/test_quick.py` runs each in short.
"""
