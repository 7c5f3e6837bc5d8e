"""What those who look into a case find and write: one case whole, and its notes."""
