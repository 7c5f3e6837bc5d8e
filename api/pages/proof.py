"""The page on which a reader verifies a battery's proofs: in words, on a command line, or by script in the browser.

The script is the second verifier, `static/verifier`. Its words are in the page, so that they are in its language.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from api.language import Catalogue
from api.pages.rendering import Place, Visit, render

FOLDER = Path(__file__).parents[1] / "static" / "verifier"
FOR_EVER = "public, max-age=31536000, immutable"

_SPOKEN = {
    "holds": "verify.holds",
    "fails": "verify.fails",
    "malformed": "verify.malformed",
    "unreachable": "verify.unreachable",
    "checked": "verify.checked",
    "wrong": "verify.wrong",
    "against": "verify.against",
    "unchecked": "verify.unchecked",
    "when": "verify.when",
    "own_keys": "verify.own_keys",
    "server_keys": "verify.server_keys",
    "signed": "verify.signed",
    "public": "verify.public",
    "entries": "verify.entries",
    "signatures": "verify.signatures",
    "receipt": "verify.receipt",
    "complete": "verify.complete",
    "absent": "verify.absent",
    "proven": "verify.proven",
    "contradiction": "verify.contradiction",
    "contradiction_advice": "verify.contradiction_advice",
    "gap_which": "verify.gap_which",
    "disputed": "verify.disputed",
    "at_entry": "verify.at_entry",
    "gap_keys": "verify.gap_keys",
    "gap_public": "verify.gap_public",
    "gap_complete": "verify.gap_complete",
    "gap_other": "verify.gap_other",
    "gap_witness": "verify.gap_witness",
    "gap_world": "verify.gap_world",
}
_VALUES = {name: f"{{{name}}}" for name in ("size", "count", "all", "code", "at", "index", "time", "one", "other")}
"""Put in by the script."""


def render_proof(code: str, visit: Visit, base_url: str) -> str:
    """The page of the battery `code`."""
    return render(
        "proof.html",
        visit,
        Place(f"/b/{code}/proof"),
        code=code,
        script=f"/verifier/{fingerprint()}/page.js",
        commands=list(_commands(code, base_url)),
        phrases=list(_phrases(visit.say)),
    )


@cache
def fingerprint() -> str:
    """Of all modules together: they import each other, so browsers must never mix those of two versions."""
    digest = sha256()
    for name in script_names():
        digest.update(name.encode() + b"\0" + (FOLDER / name).read_bytes())
    return digest.hexdigest()[:12]


@cache
def script_names() -> tuple[str, ...]:
    """The modules that a browser may ask for."""
    return tuple(sorted(path.name for path in FOLDER.glob("*.js") if path.name != "cli.js"))


def _phrases(say: Catalogue) -> Iterator[tuple[str, str]]:
    for name, key in _SPOKEN.items():
        yield name, say(key, **_VALUES)


def _commands(code: str, base_url: str) -> Iterator[str]:
    evidence = f"{base_url}/v1/batteries/{code}/evidence"
    yield f"curl -o log.vkeys {base_url}/log/vkeys"
    yield f"curl -o evidence.json -H 'Authorization: Bearer KEY' {evidence}"
    yield "python -m ledger verify evidence.json --key log.vkeys"
    yield "node cli.js verify evidence.json --key log.vkeys"
