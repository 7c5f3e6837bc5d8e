"""Admission of the events of one request: the registry is looked at once, and the custody key is opened once."""

from functools import cached_property

from api.schemas.envelopes import Envelope, Signed
from ledger.signing.jws import Ed25519EventSigner
from service.access import Caller
from service.errors import Fault, NotFoundError, NotPermittedError
from service.operators import custody_signer, desk
from service.recording.admission import Admitted
from service.work import Register


class Intake:
    """The desk of one request, and who stands before it."""

    def __init__(self, register: Register, caller: Caller) -> None:
        self._register = register
        self._operator = caller.operator
        self._desk = desk(register)

    def admit(self, envelope: Envelope) -> Admitted:
        """Raises RefusedError, or NotPermittedError where the caller may not tell this."""
        if isinstance(envelope, Signed):
            self._check_actor(envelope)
            return self._desk.admit_signed(envelope.event, envelope.jws, envelope.private)
        return self._desk.admit_custodial(
            envelope.members, envelope.private, operator=self._operator, signer=self._signer
        )

    def _check_actor(self, envelope: Signed) -> None:
        if envelope.event.get("actor") != self._operator:
            reason = f"the API key is of {self._operator}, which is not the actor of the event"
            fault = Fault("/actor", "actor", reason, f"API密钥属于{self._operator}，与事件的主体不符")
            raise NotPermittedError(reason, [fault])

    @cached_property
    def _signer(self) -> Ed25519EventSigner:
        try:
            return custody_signer(self._register, self._desk, self._operator)
        except NotFoundError as error:
            raise NotPermittedError(str(error)) from None
