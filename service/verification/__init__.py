"""Verification of a register where it lives, with everything that stands beside its log."""
