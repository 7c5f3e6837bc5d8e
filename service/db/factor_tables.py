"""The tables of second factors and of single sign-on, all beside the log."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, String, Table, Text

from service.db.metadata import metadata

passkey = Table(
    "passkey",
    metadata,
    Column("credential", LargeBinary, primary_key=True, comment="the id that the authenticator gave it"),
    Column("person", String(36), nullable=False),
    Column("name", Text, nullable=False, comment="what the person calls it by"),
    Column("public_key", LargeBinary, nullable=False, comment="COSE"),
    Column("sign_count", BigInteger, nullable=False, comment="as the authenticator told last"),
    Column("created_at", String(24), nullable=False),
    Column("used_at", String(24), nullable=True),
)
Index("passkey_person", passkey.c.person)

passkey_challenge = Table(
    "passkey_challenge",
    metadata,
    Column("holder", String(64), primary_key=True, comment="the session or the browser that was asked"),
    Column("purpose", String(12), primary_key=True),
    Column("challenge", LargeBinary, nullable=False),
    Column("expires_at", String(24), nullable=False),
)
Index("passkey_challenge_expires", passkey_challenge.c.expires_at)

totp = Table(
    "totp",
    metadata,
    Column("id", String(36), primary_key=True, comment="a random UUID; the secret is sealed for it"),
    Column("person", String(36), nullable=False),
    Column("confirmed", SmallInteger, nullable=False, comment="0: shown, and no code of it has come back yet"),
    Column("sealed", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False, comment="of the last code accepted, in steps of 30 s since 1970"),
    Column("created_at", String(24), nullable=False),
)
Index("totp_person", totp.c.person, totp.c.confirmed, unique=True)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True, comment="SHA-256 of person and code"),
    Column("person", String(36), nullable=False),
)
Index("recovery_code_person", recovery_code.c.person)

oidc_link = Table(
    "oidc_link",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("person", String(36), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("used_at", String(24), nullable=True),
)
Index("oidc_link_person", oidc_link.c.person)

oidc_attempt = Table(
    "oidc_attempt",
    metadata,
    Column("state", LargeBinary(32), primary_key=True, comment="SHA-256 of what the address carries"),
    Column("holder", String(64), nullable=False, comment="the session or the browser that began"),
    Column("person", String(36), nullable=True, comment="who links; empty: somebody who signs in"),
    Column("nonce", String(43), nullable=False),
    Column("verifier", String(43), nullable=False, comment="of PKCE"),
    Column("expires_at", String(24), nullable=False),
)
Index("oidc_attempt_expires", oidc_attempt.c.expires_at)
