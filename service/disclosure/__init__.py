"""The access log: readings of restricted data, noted before they are answered, shown to whose data they are."""
