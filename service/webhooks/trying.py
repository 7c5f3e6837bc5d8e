"""A test sent at once, by whoever asks on the register's own machine: what became of it is told, and kept."""

from ledger.entry import format_time
from service.webhooks import outbox
from service.webhooks.lanes import Lane, Load, send_all
from service.webhooks.messages import Place
from service.webhooks.outbox import Attempt
from service.webhooks.sending import Network
from service.webhooks.subscriptions import load_webhook, open_secrets
from service.work import Register


def try_webhook(register: Register, id_: str, network: Network) -> Attempt:
    """Send a test to a webhook, disabled or not. Raises NotFoundError."""
    now = register.clock()
    with register.read() as reader:
        hook = load_webhook(reader.connection, id_)
        secrets = open_secrets(reader.connection, register.vault, [hook.id], now=now)[hook.id]
    message = Place(register.settings.base_url, hook.id).test(format_time(now))
    lane, told = Lane(hook.cursor, hook.failures), list[Attempt]()
    send_all(lane, Load(hook, [message], secrets), network, register.clock, lambda _, attempt: told.append(attempt))
    lane.end()
    with register.write_beside() as connection:
        outbox.note(connection, [], told, now=now)
    return told[0]
