"""The figures of the authority, folded from entries as they arrive."""
