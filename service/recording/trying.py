"""Whether an event would be recorded now, without recording it: for a page that shows what will be sent."""

from service.private.values import Cabinet
from service.recording.admission import Admitted
from service.recording.judging import Docket
from service.work import Register


def try_event(register: Register, item: Admitted) -> None:
    """Judge it by what is recorded now. Raises the reason why it would be refused."""
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        cabinet = Cabinet(reader.connection, register.vault)
        docket = Docket.open(reader.connection, registry, [item], size=reader.size(), cabinet=cabinet)
        docket.judge(item, received_at=register.clock())
