"""Verification: of a whole register, on all cores, and what a verdict says."""
