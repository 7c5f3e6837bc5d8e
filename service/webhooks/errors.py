"""What can be wrong with a webhook.

ServiceError (service.errors)
├── DeliveryError         a delivery did not arrive; `outcome` says in which way
└── FaultyError
    └── WebhookRefusedError   a webhook that is not taken: the first of `faults` says why
"""

from service.errors import Fault, FaultyError, ServiceError
from service.webhooks.outcomes import Outcome


class WebhookRefusedError(FaultyError):
    """A webhook that is not taken, or not so. Nothing was changed."""

    def __init__(self, pointer: str, code: str, en: str, zh: str) -> None:
        super().__init__(en, [Fault(pointer, code, en, zh)])


class DeliveryError(ServiceError):
    """A delivery did not arrive. Says nothing of what stood in the way beyond its kind: the address is another's."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome
