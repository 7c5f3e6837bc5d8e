"""The second verifier, in JavaScript: what it must accept and refuse, and that it agrees with the first."""
