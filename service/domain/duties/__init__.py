"""Duties: who must have recorded or reported what, by when, from which law: rows, clocks, and what follows."""
