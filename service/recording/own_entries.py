"""Entries that the register makes by itself, signed with the key that the service holds for its authority."""

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ledger.entry import EVENT_VERSION, build_event, format_time
from ledger.log import Submission
from ledger.signing.jws import EventSigner, sign_event
from service.domain.uuid7 import make_uuid7
from service.errors import NotFoundError
from service.recording.admission import Admitted
from service.recording.recorder import Recorded, Recorder


def sign_own(signer: EventSigner, kind: str, body: Mapping[str, Any], *, origin: str, now: datetime) -> Submission:
    """A signed event without batteries."""
    event = build_event(
        {
            "actor": signer.header.operator,
            "body": dict(body),
            "id": make_uuid7(int(now.timestamp() * 1000), os.urandom(10)),
            "log": origin,
            "occurred_at": format_time(now),
            "subjects": [],
            "type": kind,
            "v": EVENT_VERSION,
        }
    )
    return Submission(event, sign_event(event.data, signer))


def record_own(recorder: Recorder, kind: str, body: Mapping[str, Any]) -> Recorded:
    """Record what nobody sends, as of now.

    Raises its refusal, and NotFoundError where the service does not hold the authority's key.
    """
    register = recorder.register
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        kid = registry.held.get(registry.authority)
        if kid is None:
            raise NotFoundError(f"the service holds no key of {registry.authority}, and cannot sign for it")
        signer = register.vault.signer(reader.connection, kid)
    submission = sign_own(signer, kind, body, origin=registry.origin, now=register.clock())
    [outcome] = recorder.record([Admitted(submission, signer.header, None, ())])
    if not isinstance(outcome, Recorded):
        raise outcome
    return outcome
