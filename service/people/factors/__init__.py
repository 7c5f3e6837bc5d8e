"""Second factors of people: passkeys, codes of an authenticator app, and recovery codes for when both are lost."""
