"""A passport in the formats of others: what each format asks for, as rows, and what of it a reader may see."""
