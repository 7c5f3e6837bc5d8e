"""Recording: from a signed event to an entry, and the same way again when entries are replayed."""
