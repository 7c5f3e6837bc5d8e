"""The battery rules: codes, events, lifecycle. Standard library only; no clock, no database, no network."""
