"""Restricted values: committed to in entries, kept sealed beside the log, erased on lawful demand."""
