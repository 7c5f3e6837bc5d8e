"""The tables of people, all beside the log: accounts, sessions, links to set a password, tries, acts, applications."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, String, Table, Text

from service.db.metadata import metadata

person = Table(
    "person",
    metadata,
    Column("id", String(36), primary_key=True, comment="a random UUID: all that other tables and logs may say"),
    Column("operator", String(40), nullable=False),
    Column("login", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("password", Text, nullable=True, comment="Argon2id, encoded; empty until the person has set one"),
    Column("created_at", String(24), nullable=False),
    Column("disabled_at", String(24), nullable=True),
    Column("asked_at", String(24), nullable=True, comment="when somebody asked for a new password"),
)
Index("person_login", person.c.login, unique=True)
Index("person_operator", person.c.operator)

session = Table(
    "session",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True, comment="SHA-256 of the cookie"),
    Column("id", String(16), nullable=False, comment="what the person calls it by, to end it"),
    Column("person", String(36), nullable=False),
    Column("stage", String(8), nullable=False, comment="password: a second factor is still to come; full"),
    Column("device", SmallInteger, nullable=False, comment="1: kept on a phone, without an end by idleness"),
    Column("agent", Text, nullable=False, comment="what the browser calls itself"),
    Column("created_at", String(24), nullable=False),
    Column("seen_at", String(24), nullable=False, comment="within a minute"),
    Column("expires_at", String(24), nullable=False),
)
Index("session_id", session.c.id, unique=True)
Index("session_person", session.c.person)

person_link = Table(
    "person_link",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True, comment="SHA-256 of the secret in the link"),
    Column("person", String(36), nullable=False),
    Column("purpose", String(12), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("expires_at", String(24), nullable=False),
    Column("used_at", String(24), nullable=True),
)
Index("person_link_person", person_link.c.person)

login_try = Table(
    "login_try",
    metadata,
    Column(
        "bucket", LargeBinary(32), primary_key=True, comment="SHA-256 of what is counted: an address, or a login too"
    ),
    Column("failures", BigInteger, nullable=False),
    Column("at", String(24), nullable=False, comment="of the last one"),
)

people_act = Table(
    "people_act",
    metadata,
    Column("id", String(36), primary_key=True, comment="a UUID of version 7: newer ones are greater"),
    Column("operator", String(40), nullable=False),
    Column("act", String(24), nullable=False),
    Column("actor", String(36), nullable=False, comment="a person's id; empty: the command line"),
    Column("person", String(36), nullable=False, comment="whom it was done to"),
    Column("at", String(24), nullable=False),
)
Index("people_act_operator", people_act.c.operator, people_act.c.id)

application = Table(
    "application",
    metadata,
    Column("id", String(36), primary_key=True, comment="a UUID of version 7: newer ones are greater"),
    Column("enrolment", LargeBinary, nullable=False, comment="the body of an enrol_operator without its operator_id"),
    Column("contact", Text, nullable=True, comment="personal; erased some time after the decision"),
    Column("state", String(12), nullable=False, comment="open, approved, rejected"),
    Column("created_at", String(24), nullable=False),
    Column("decided_at", String(24), nullable=True),
    Column("decided_by", String(36), nullable=False, comment="a person's id; empty: the command line, or nobody yet"),
    Column("operator", String(40), nullable=True, comment="the id under which it was approved"),
    Column("reason", Text, nullable=False, comment="why it was rejected"),
)
Index("application_state", application.c.state, application.c.id)
