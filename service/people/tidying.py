"""Tidying up: ended sessions, old links and tries, and personal data that is no longer needed."""

from service.people import applications, links, sessions, tries
from service.work import Register

EVERY_SECONDS = 3600.0


def tidy_people(register: Register) -> None:
    """Delete what has had its time."""
    now = register.clock()
    with register.write_beside() as connection:
        sessions.forget_ended(connection, now)
        links.forget_old(connection, now)
        tries.forget_old(connection, now)
        applications.forget_contacts(connection, now)
