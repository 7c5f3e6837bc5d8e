"""What can go wrong in the log.

LedgerError
├── MalformedError    bytes that are not what they claim to be
├── ProofError        a proof that does not lead to the root it should lead to
├── SignatureError    a signature that is wrong, unknown or missing
├── ChainError        an entry that does not name its predecessor
├── PolicyError       a checkpoint that too few of the witnesses asked for have cosigned
├── AuthorityError    a key or entry made by someone who may not make it
└── RollbackError     a store that is behind what it already signed
"""


class LedgerError(Exception):
    """Superclass of all errors of this package. Never raised directly."""


class MalformedError(LedgerError):
    """Bytes that are not in the format they claim to be in.

    Parsers of hostile input say what was expected, not how close the input came.
    """


class ProofError(LedgerError):
    """A proof does not lead to the expected root. Hashes are 32 bytes, or empty where the proof's shape is wrong."""

    def __init__(self, message: str, *, expected: bytes = b"", calculated: bytes = b"") -> None:
        super().__init__(message)
        self.expected = expected
        self.calculated = calculated


class SignatureError(LedgerError):
    """A signature is wrong, or none of the accepted keys has signed."""


class ChainError(LedgerError):
    """An entry does not follow from the entry before it, in the register or in the life of a battery."""


class PolicyError(LedgerError):
    """A checkpoint has fewer cosignatures than the policy asks for."""


class AuthorityError(LedgerError):
    """A key was registered, revoked or used by someone who may not do so at that index."""


class RollbackError(LedgerError):
    """The store holds less than, or other than, what was already signed from it."""
