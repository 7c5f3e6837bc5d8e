"""The proof probes of transparency-dev/merkle: good proofs, and proofs bent in every way its authors thought of."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from ledger.errors import ProofError
from ledger.proof import verify_consistency, verify_inclusion
from tests.needs import SHARED_DATA, missing

PROBES = SHARED_DATA / "log" / "merkle-probes"

DUMMY_ROOTS = "additional/sizes-are-equal-one-and-proof-is-empty.json"
"""Expects success with roots of 12 bytes, which no tree has. We must refuse it, see below."""


def probes(kind: str) -> list[str]:
    """Names of the probes; one empty name where the folder is absent, so that the test is seen to be skipped."""
    folder = PROBES / kind
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.json")) or [""]


def load(kind: str, name: str) -> dict[str, Any]:
    if not name:
        missing(f"shared/data/log/merkle-probes/{kind}")
    loaded: dict[str, Any] = json.loads((PROBES / kind / name).read_text(encoding="utf-8"))
    return loaded


def decode(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_all_probes_are_there() -> None:
    if not PROBES.is_dir():
        missing("shared/data/log/merkle-probes")
    assert (len(probes("inclusion")), len(probes("consistency"))) == (98, 98)
    assert DUMMY_ROOTS in probes("consistency")


@pytest.mark.parametrize("name", probes("inclusion"))
def test_an_inclusion_probe_gets_its_verdict(name: str) -> None:
    probe = load("inclusion", name)
    proof = [decode(node) for node in probe["proof"] or []]

    def verify() -> None:
        root, leaf = decode(probe["root"]), decode(probe["leafHash"])
        verify_inclusion(probe["leafIdx"], probe["treeSize"], leaf, proof, root)

    check(verify, want_error=probe["wantErr"])


@pytest.mark.parametrize("name", [name for name in probes("consistency") if name != DUMMY_ROOTS])
def test_a_consistency_probe_gets_its_verdict(name: str) -> None:
    probe = load("consistency", name)
    proof = [decode(node) for node in probe["proof"] or []]

    def verify() -> None:
        roots = decode(probe["root1"]), decode(probe["root2"])
        verify_consistency(probe["size1"], probe["size2"], *roots, proof)

    check(verify, want_error=probe["wantErr"])


def test_the_one_probe_with_roots_of_12_bytes_is_refused() -> None:
    probe = load("consistency", DUMMY_ROOTS if PROBES.is_dir() else "")
    assert not probe["wantErr"]
    with pytest.raises(ProofError, match="32 bytes"):
        verify_consistency(1, 1, decode(probe["root1"]), decode(probe["root2"]), [])


def check(verify: Callable[[], None], *, want_error: bool) -> None:
    if want_error:
        with pytest.raises(ProofError):
            verify()
    else:
        verify()
