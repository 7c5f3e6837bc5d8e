"""People: accounts of organisations, how they are invited, sign in, and are let go. Nothing of it is in the log."""
