"""Whether a file is a public document of this register: looked for by its SHA-256, which is all that is compared."""

from hashlib import sha256

from sqlalchemy import select

from service.db.document_tables import document
from service.documents.keeping import Document, find_document
from service.domain.papers import RULES
from service.domain.passport.tiers import Tier
from service.work import Register

MOST = 20
"""So many places at which the same file stands are named."""
_c = document.c


def find_same(register: Register, data: bytes) -> list[Document]:
    """The public documents with exactly this content, oldest first. Pictures are kept drawn anew: those never match."""
    public = [row.paper.value for row in RULES.values() if row.tier is Tier.PT1]
    same = (_c.digest == sha256(data).digest(), _c.removed_at.is_(None), _c.kind.in_(public))
    with register.read() as reader:
        found = reader.connection.execute(select(_c.id).where(*same).order_by(_c.id).limit(MOST)).scalars()
        return [find_document(reader.connection, each) for each in found]
