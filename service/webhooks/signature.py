"""The signature of a delivery, as Standard Webhooks 1.0 has it: HMAC-SHA256 over id, time and body.

While a secret is being rotated there are two signatures in the header; a receiver accepts either. The time is that of
the attempt: a receiver refuses what is older than a few minutes, so a copy of a delivery is of no use later.

Source: Standard Webhooks, specification 1.0.0, sections "Signature scheme" and "Verifying webhook authenticity".
"""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from hmac import digest

PREFIX = "whsec_"
SECRET = 32


def format_secret(secret: bytes) -> str:
    """A secret as its owner gets it."""
    return PREFIX + b64encode(secret).decode()


def sign(secrets: Sequence[bytes], id_: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a delivery, signed with each of these secrets."""
    seconds = str(int(at.timestamp()))
    told = f"{id_}.{seconds}.".encode() + body
    signatures = [f"v1,{b64encode(digest(secret, told, sha256)).decode()}" for secret in secrets]
    return {"webhook-id": id_, "webhook-timestamp": seconds, "webhook-signature": " ".join(signatures)}
