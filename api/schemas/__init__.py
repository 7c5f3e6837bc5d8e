"""The wire formats: what a request may hold and what an answer holds. Each schema is built once, here."""
