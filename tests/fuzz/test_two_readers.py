"""Both verifiers, one in Python and one in JavaScript, read the same mangled pieces and refuse the same.

Whole files are held against each other in `tests/verifier`; here it is the parts: what is read before any signature.
"""

import os
import random

import pytest

from ledger import canonical
from ledger.errors import LedgerError
from ledger.notes.note import parse_vkey
from ledger.notes.policy import parse_policy
from ledger.receipt import parse_receipt
from ledger.signing.jws import parse_jws
from ledger.strict import parse_base64, parse_decimal
from tests.fuzz.mangling import PIECES, TIMES
from tests.fuzz.parsers import parsers
from tests.verifier.node import find_node, run_script

DRAWN = 150
SEED = int(os.environ.get("PACKTRAIL_SEED", "20261123"))
READ = """
const { parseCanonical } = await load("canonical.js"); const { parseJws } = await load("jws.js");
const { parseVerifierKey } = await load("note.js"); const { parsePolicy } = await load("policy.js");
const { parseReceipt } = await load("receipt.js"); const { parseBase64, parseDecimal } = await load("encoding.js");
const { MalformedError } = await load("errors.js");
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const text = (bytes) => { try { return strict.decode(bytes); } catch { throw new MalformedError("not UTF-8"); } };
const readers = {
  "canonical JSON": (bytes) => parseCanonical(bytes), "receipt": (bytes) => parseReceipt(bytes),
  "detached JWS": (bytes) => parseJws(text(bytes)), "verifier key": (bytes) => parseVerifierKey(text(bytes)),
  "policy": (bytes) => parsePolicy(text(bytes)), "base64": (bytes) => parseBase64(text(bytes)),
  "decimal": (bytes) => parseDecimal(text(bytes)),
};
console.log(JSON.stringify(given.map(([name, bytes]) => {
  try { readers[name](hex(bytes)); return true; }
  catch (error) { if (error instanceof MalformedError) return false; throw error; }
})));
"""
FIRST = {
    "canonical JSON": canonical.decode,
    "receipt": parse_receipt,
    "detached JWS": lambda data: parse_jws(data.decode()),
    "verifier key": lambda data: parse_vkey(data.decode()),
    "policy": lambda data: parse_policy(data.decode()),
    "base64": lambda data: parse_base64(data.decode()),
    "decimal": lambda data: parse_decimal(data.decode()),
}


def mangled(data: bytes, rng: random.Random) -> bytes:
    """The same changes as `tests.fuzz.mangling`, drawn without Hypothesis so that one process reads them all."""
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.choice((0, 0, 1, 1, 2, 8, 64)))
        piece = rng.choice((*PIECES, rng.randbytes(1), bytes([rng.randrange(32, 127)])))
        change = rng.randrange(3)
        data = (data[:at] + piece + data[end:], data[:end] + data[at:], data[:at] + data[end:])[change]
    return data


def holds(name: str, data: bytes) -> bool:
    try:
        FIRST[name](data)
    except (LedgerError, UnicodeDecodeError):
        return False
    return True


@pytest.fixture(scope="module")
def drawn() -> list[tuple[str, bytes]]:
    rng = random.Random(SEED)
    seeds = {parser.name: parser.seeds for parser in parsers() if parser.name in FIRST}
    return [(name, mangled(rng.choice(seeds[name]), rng)) for name in FIRST for _ in range(DRAWN * TIMES)]


def test_both_verifiers_read_and_refuse_the_same(drawn: list[tuple[str, bytes]]) -> None:
    second = run_script(find_node(), READ, [(name, data.hex()) for name, data in drawn])
    first = [holds(name, data) for name, data in drawn]
    apart = [
        f"{name} {data!r}: {one}" for (name, data), one, other in zip(drawn, first, second, strict=True) if one != other
    ]
    assert apart == []
    assert min(first.count(True), first.count(False)) > len(first) // 8
