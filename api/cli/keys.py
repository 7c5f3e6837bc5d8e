"""packtrail key: signing keys of operators, the log's own and the master key, and the API keys of programs."""

import base64
import binascii
from pathlib import Path
from typing import Any

import click

from api.cli.api_keys import api
from api.cli.log_keys import log
from api.cli.progress import progress
from api.cli.task import Task, in_columns, open_register, say, show
from ledger.errors import MalformedError
from ledger.signing.jws import EDDSA, ES256
from ledger.signing.keyring import Key, KeyRing
from service.domain.words import Act
from service.errors import NotFoundError
from service.keys.masterkey import read_master_key
from service.keys.rewrapping import rewrap as seal_anew
from service.maintenance import record_act
from service.operators import (
    current_registry,
    dispute_key,
    make_custodial_key,
    register_own_key,
    revoke_key,
    rotate_custodial_key,
)
from service.recording.recorder import Recorder
from service.settings import Settings


@click.group()
def key() -> None:
    """Signing keys of operators and of the log, the master key, and API keys."""


key.add_command(log)
key.add_command(api)


@key.command("list", cls=Task, undone="no keys were listed", example="key list cq-repair")
@click.argument("operator", required=False)
def list_(settings: Settings, as_json: bool, operator: str | None) -> None:
    """List signing keys, of OPERATOR or of all."""
    with open_register(settings) as register:
        ring = current_registry(register).ring
    wanted = [each for each in ring.keys.values() if operator in (None, each.header.operator)]
    wanted.sort(key=lambda each: (each.header.operator, each.since))
    values = [_members(each, ring) for each in wanted]
    rows = [(v["kid"], v["alg"], v["custody"], f"since {v['since']}", _end(v["until"]), _doubt(v)) for v in values]
    show(values, in_columns(rows) if rows else [], as_json=as_json)


@key.command(
    "add", cls=Task, undone="no key was added", example="key add cq-repair --name k1 --public-key k1.pub --alg EdDSA"
)
@click.argument("operator")
@click.option("--name", help="Name of the operator's own key, part of its id OPERATOR/NAME.")
@click.option("--public-key", metavar="BASE64|FILE", help="Its public key: 32 bytes Ed25519, or 33 of a P-256 point.")
@click.option("--alg", type=click.Choice((EDDSA, ES256)), default=EDDSA, show_default=True)
def add(settings: Settings, as_json: bool, operator: str, name: str | None, public_key: str | None, alg: str) -> None:
    """Register a signing key for OPERATOR: its own (--name and --public-key), or else a new one the service holds."""
    if (name is None) is not (public_key is None):
        raise click.UsageError("an own key needs both --name and --public-key")
    with open_register(settings) as register:
        if operator not in current_registry(register).operators:
            raise NotFoundError(f"{operator} is not enrolled: `packtrail operator add` enrols it")
        recorder = Recorder(register)
        if name is None or public_key is None:
            index = make_custodial_key(recorder, operator).index
            kid = current_registry(register).held[operator]
        else:
            kid = f"{operator}/{name}"
            index = register_own_key(recorder, kid, read_public_key(public_key), alg=alg).index
    show({"kid": kid, "index": index}, [f"{kid} is valid after entry {index}"], as_json=as_json)


@key.command(cls=Task, undone="the key was not revoked", example="key revoke cq-repair/k1 --reason lost")
@click.argument("kid", metavar="OPERATOR/NAME")
@click.option("--reason", required=True, help="Stands in the entry, for everybody who may read it.")
def revoke(settings: Settings, as_json: bool, kid: str, reason: str) -> None:
    """End a signing key. What it signed before stays valid."""
    with open_register(settings) as register:
        index = revoke_key(Recorder(register), kid, reason).index
    show({"kid": kid, "index": index}, [f"{kid} is revoked by entry {index}"], as_json=as_json)


@key.command(cls=Task, undone="the key was not rotated", example="key rotate cq-repair/custody-1")
@click.argument("kid", metavar="OPERATOR/NAME")
def rotate(settings: Settings, as_json: bool, kid: str) -> None:
    """Replace a key that the service holds by a new one. The old one hands over with its last signature.

    An operator with a key of its own rotates it itself, by an event rotate_key: see docs/operating.md.
    """
    with open_register(settings) as register:
        recorded = rotate_custodial_key(Recorder(register), kid)
        new = current_registry(register).held[kid.partition("/")[0]]
    value = {"kid": new, "replaces": kid, "index": recorded.index}
    show(value, [f"{new} is valid after entry {recorded.index}, {kid} ends with it"], as_json=as_json)


@key.command(
    cls=Task,
    undone="nothing was disputed",
    example="key dispute cq-repair/k1 --from 1204 --reason stolen",
)
@click.argument("kid", metavar="OPERATOR/NAME")
@click.option("--from", "start", type=click.IntRange(0), required=True, help="Index of the first entry in doubt.")
@click.option("--to", "end", type=click.IntRange(1), help="Index after the last one.  [default: all up to now]")
@click.option("--reason", required=True, help="Stands in the entry, for everybody who may read it.")
def dispute(settings: Settings, as_json: bool, kid: str, start: int, end: int | None, reason: str) -> None:
    """Mark what a stolen key signed: its entries stay, and everybody who reads or verifies them is told."""
    with open_register(settings) as register:
        recorded = dispute_key(Recorder(register), kid, reason, start=start, end=end)
        said = next(each for each in current_registry(register).ring.disputes if each.index == recorded.index)
    value = {"kid": kid, "from": said.start, "to": said.end, "index": recorded.index}
    line = f"entries {said.start} to {said.end - 1} signed with {kid} are disputed by entry {recorded.index}"
    show(value, [line], as_json=as_json)


@key.command(cls=Task, undone="nothing was sealed anew", example="key rewrap --new-file /media/key/master-2027")
@click.option(
    "--new-file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File with the new master key; it is made if it is not there.",
)
def rewrap(settings: Settings, as_json: bool, new_file: Path) -> None:
    """Replace the master key: seal everything in the database under a new one, all at once.

    Then start the servers of this register again. Backups from before need the old key.
    """
    with open_register(settings) as register, progress("sealing") as tick:
        if new_file.exists():
            read_master_key(new_file)  # whether it can be: what follows is in the register for ever
        record_act(Recorder(register), Act.REWRAP, "all secrets in the database")
        done = seal_anew(register, new_file, tick=tick)
    value = {"secrets": done.secrets, "old_key": None if done.old_key is None else str(done.old_key)}
    show(value, [f"{done.secrets} secrets are sealed under the key in {new_file}"], as_json=as_json)
    if done.old_key is None:
        say(f"Put the content of {new_file} into PACKTRAIL_MASTER_KEY before anything is started again.")
    else:
        say(f"The old key stands in {done.old_key}: backups made before now need it.")


def read_public_key(text: str) -> bytes:
    """A public key in base64, given as text or as a file that holds it. Raises MalformedError."""
    path = Path(text)
    content = path.read_text() if len(text) < 1024 and path.is_file() else text
    try:
        return base64.b64decode(content.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("a public key is base64, given as text or in a file") from None


def _members(found: Key, ring: KeyRing) -> dict[str, Any]:
    doubts = [each for each in ring.disputes if each.kid == found.header.kid]
    return {
        "kid": found.header.kid,
        "alg": found.header.alg,
        "custody": "service" if found.header.custodial else "operator",
        "since": found.since,
        "until": found.until,
        "disputed": [{"from": each.start, "to": each.end, "reason": each.reason} for each in doubts],
    }


def _doubt(members: dict[str, Any]) -> str:
    return ", ".join(f"disputed {each['from']} to {each['to'] - 1}" for each in members["disputed"])


def _end(moment: object) -> str:
    return "valid" if moment is None else f"ended {moment}"
