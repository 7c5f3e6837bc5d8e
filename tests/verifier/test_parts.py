"""The parts of the second verifier against other people's vectors, and against libraries."""

import base64
import hashlib
import json
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tests.conformance import ed25519_rule
from tests.ledger import oracle
from tests.ledger.golden import Card
from tests.needs import missing
from tests.verifier.node import VERIFIER, run_script

VERIFY = """
const { %(name)s } = await load("%(module)s");
const verdicts = [];
for (const [key, signature, message] of given) {
  verdicts.push(await Promise.resolve()
    .then(() => new %(name)s(hex(key)).verify(hex(signature), hex(message)))
    .then(() => true, (error) => { if (error.constructor === TypeError) throw error; return false; }));
}
console.log(JSON.stringify(verdicts));
"""

is_prime_order = cache(ed25519_rule.is_prime_order)
"""Slow and obvious: asked once for all versions of Node.js."""


def vectors(shared_data: Path, name: str) -> Any:
    path = shared_data / "log" / "signatures" / name
    if not path.exists():
        missing(f"shared/data/log/signatures/{name}")
    return json.loads(path.read_text(encoding="utf-8"))


def libsodium(key: str, signature: str, message: str) -> bool:
    try:
        VerifyKey(bytes.fromhex(key)).verify(bytes.fromhex(message), bytes.fromhex(signature))
    except (BadSignatureError, ValueError):
        return False
    return True


def test_ed25519_accepts_of_914_corner_cases_exactly_those_of_libsodium(shared_data: Path, node: str) -> None:
    cases = [(c["key"], c["sig"], c["msg"].encode().hex()) for c in vectors(shared_data, "cctv_ed25519vectors.json")]
    verdicts = run_script(node, VERIFY % {"name": "Ed25519Key", "module": "ed25519.js"}, cases)
    assert verdicts == [libsodium(*case) for case in cases]
    assert (len(verdicts), sum(verdicts)) == (914, 43)


def test_ed25519_agrees_with_wycheproof(shared_data: Path, node: str) -> None:
    groups = vectors(shared_data, "ed25519_test.json")["testGroups"]
    tests = [(group["publicKey"]["pk"], test) for group in groups for test in group["tests"]]
    script = VERIFY % {"name": "Ed25519Key", "module": "ed25519.js"}
    verdicts = run_script(node, script, [(key, test["sig"], test["msg"]) for key, test in tests])
    assert verdicts == [test["result"] == "valid" for _, test in tests]


def test_the_keys_that_may_be_registered_are_those_of_the_prime_order_subgroup(shared_data: Path, node: str) -> None:
    keys = sorted({case["key"] for case in vectors(shared_data, "cctv_ed25519vectors.json")})
    keys += [bytes([n, *bytes(31)]).hex() for n in range(20)] + ["00" * 31, "ff" * 32, ""]
    script = """const { isRegistrableKey } = await load("ed25519.js");
    console.log(JSON.stringify(given.map((key) => isRegistrableKey(hex(key)))));"""
    expected = [len(key) == 64 and is_prime_order(bytes.fromhex(key)) for key in keys]
    assert run_script(node, script, keys) == expected
    assert any(expected)


def test_ml_dsa_44_agrees_with_wycheproof(shared_data: Path, node: str) -> None:
    """Those with an empty context: the log uses no other."""
    groups = vectors(shared_data, "mldsa_44_verify_test.json")["testGroups"]
    tests = [(g["publicKey"], t) for g in groups for t in g["tests"] if not t.get("ctx")]
    script = VERIFY % {"name": "MlDsa44Key", "module": "mldsa44.js"}
    verdicts = run_script(node, script, [(key, test["sig"], test["msg"]) for key, test in tests])
    assert verdicts == [test["result"] == "valid" for _, test in tests]
    assert (len(verdicts), sum(verdicts)) > (170, 50)


def test_es256_takes_a_card_s_signature_and_no_other(node: str) -> None:
    cases = []
    for secret in range(1, 12):
        card, message = Card("lab/card-1", secret * 0xC0FFEE + 1), bytes([secret])
        signature = card.sign(message)
        broken = bytes([signature[0] ^ 1]) + signature[1:]
        other = bytes([card.public_key[0] ^ 1]) + card.public_key[1:]
        cases += [(card.public_key, signature, message), (card.public_key, broken, message)]
        cases += [(other, signature, message)]
    hexed = [[part.hex() for part in case] for case in cases]
    assert run_script(node, VERIFY % {"name": "P256Key", "module": "p256.js"}, hexed) == [True, False, False] * 11


def test_sha_256_is_that_of_the_library(node: str) -> None:
    rng = random.Random(1)
    texts = [rng.randbytes(size) for size in (*range(140), 1_000, 65_536)]
    script = """const { sha256 } = await load("sha256.js"); const { formatHex } = await load("encoding.js");
    console.log(JSON.stringify(given.map((text) => formatHex(sha256(hex(text))))));"""
    expected = [hashlib.sha256(text).hexdigest() for text in texts]
    assert run_script(node, script, [text.hex() for text in texts]) == expected


def test_shake_is_that_of_the_library(node: str) -> None:
    texts = [random.Random(size).randbytes(size) for size in (0, 1, 135, 136, 137, 167, 168, 169, 1_000)]
    script = """const { shake128, shake256 } = await load("keccak.js"); const { formatHex } = await load("encoding.js");
    const both = (text) => [shake128, shake256].map((shake) => formatHex(shake(hex(text)).bytes(500)));
    console.log(JSON.stringify(given.map(both)));"""
    expected = [[f(text).hexdigest(500) for f in (hashlib.shake_128, hashlib.shake_256)] for text in texts]
    assert run_script(node, script, [text.hex() for text in texts]) == expected


def test_base64_is_read_and_written_as_the_library_does_and_in_one_form_only(node: str) -> None:
    texts = [random.Random(size).randbytes(size) for size in range(50)]
    wrong = ["A", "AA", "AAA", "AB==", "AAB=", "AAAA=", "AAAA====", "====", "AA=A", "AA A", "AAA\n", "AA-_", "ÀAAA"]
    script = """const { formatBase64, formatHex, parseBase64 } = await load("encoding.js");
    const read = (text) => { try { return formatHex(parseBase64(text)); } catch { return null; } };
    const written = given[0].map((text) => formatBase64(hex(text)));
    console.log(JSON.stringify([written, [...given[1], ...given[2]].map(read)]));"""
    encoded = [base64.b64encode(text).decode() for text in texts]
    written, read = run_script(node, script, [[text.hex() for text in texts], encoded, wrong])
    assert written == encoded
    assert read == [text.hex() for text in texts] + [None] * len(wrong)


def test_roots_are_those_of_the_definition(node: str) -> None:
    leaves = oracle.leaf_hashes(130)
    script = """const { GrowingTree } = await load("tree.js"); const { formatHex } = await load("encoding.js");
    const tree = new GrowingTree(); const roots = [formatHex(tree.root())];
    for (const leaf of given) { tree.append(hex(leaf)); roots.push(formatHex(tree.root())); }
    console.log(JSON.stringify(roots));"""
    expected = [oracle.mth(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    assert run_script(node, script, [leaf.hex() for leaf in leaves]) == expected


def test_inclusion_agrees_with_the_probes(shared_data: Path, node: str) -> None:
    """Other people's proofs, right and wrong."""
    probes = sorted((shared_data / "log" / "merkle-probes" / "inclusion").rglob("*.json"))
    if not probes:
        missing("shared/data/log/merkle-probes")
    cases = [json.loads(path.read_text(encoding="utf-8")) for path in probes]
    script = """const { verifyInclusion } = await load("tree.js"); const { parseHash } = await load("encoding.js");
    const hold = ({ leafIdx, treeSize, root, leafHash, proof }) => {
      try {
        const [leaf, top, hashes] = [parseHash(leafHash), parseHash(root), (proof ?? []).map(parseHash)];
        verifyInclusion(BigInt(leafIdx), BigInt(treeSize), leaf, hashes, top);
        return true;
      } catch (error) { if (error.constructor === TypeError) throw error; return false; }
    };
    console.log(JSON.stringify(given.map(hold)));"""
    for case in cases:
        case["leafIdx"], case["treeSize"] = str(case["leafIdx"]), str(case["treeSize"])
    assert run_script(node, script, cases) == [not case["wantErr"] for case in cases]


def test_consistency_agrees_with_the_probes(shared_data: Path, node: str) -> None:
    """Other people's proofs, right and wrong; one of them should hold with roots of 12 bytes, which no tree has."""
    probes = sorted((shared_data / "log" / "merkle-probes" / "consistency").rglob("*.json"))
    if not probes:
        missing("shared/data/log/merkle-probes")
    cases = [json.loads(path.read_text(encoding="utf-8")) for path in probes]
    script = """const { verifyConsistency } = await load("tree.js"); const { parseHash } = await load("encoding.js");
    const hold = ({ size1, size2, root1, root2, proof }) => {
      try {
        const [one, other, hashes] = [parseHash(root1), parseHash(root2), (proof ?? []).map(parseHash)];
        verifyConsistency(BigInt(size1), BigInt(size2), one, other, hashes);
        return true;
      } catch (error) { if (error.constructor === TypeError) throw error; return false; }
    };
    console.log(JSON.stringify(given.map(hold)));"""
    for case in cases:
        case["size1"], case["size2"] = str(case["size1"]), str(case["size2"])
    short = [path.name == "sizes-are-equal-one-and-proof-is-empty.json" for path in probes]
    expected = [not case["wantErr"] and not odd for case, odd in zip(cases, short, strict=True)]
    assert run_script(node, script, cases) == expected
    assert (len(cases), sum(short), sum(expected)) == (98, 1, 5)


def test_consistency_holds_between_any_two_sizes_of_a_tree_and_with_no_hash_changed(node: str) -> None:
    leaves = oracle.leaf_hashes(20)
    roots = [oracle.mth(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    cases = []
    for size in range(len(leaves) + 1):
        for old in range(size + 1):
            proof = [each.hex() for each in oracle.consistency(old, leaves[:size])] if old else []
            cases.append((old, size, roots[old], roots[size], proof))
    broken = [
        (*sizes_and_roots, [*proof[:at], roots[0], *proof[at + 1 :]])
        for *sizes_and_roots, proof in cases
        for at in range(len(proof))
    ]
    script = """const { verifyConsistency } = await load("tree.js");
    const hold = ([old, size, one, other, proof]) => {
      try { verifyConsistency(old, size, hex(one), hex(other), proof.map(hex)); return true; }
      catch (error) { if (error.constructor === TypeError) throw error; return false; }
    };
    console.log(JSON.stringify(given.map((cases) => cases.map(hold))));"""
    held, refused = run_script(node, script, [cases, broken])
    assert all(held)
    assert not any(refused)
    assert (len(held), len(refused)) > (200, 400)


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_canonical_json_is_that_of_rfc_8785_where_it_may_be(shared_data: Path, node: str, name: str) -> None:
    """Of the vectors, those that are inside our limits come out as they should; the others are refused."""
    folder = shared_data / "log" / "jcs"
    if not folder.exists():
        missing("shared/data/log/jcs")
    text = (folder / "input" / f"{name}.json").read_text(encoding="utf-8")
    script = """const { canonicalText, parseJson } = await load("canonical.js");
    let found = null; try { found = canonicalText(parseJson(new TextEncoder().encode(given))); } catch {}
    console.log(JSON.stringify(found));"""
    found = run_script(node, script, text)
    assert found in (None, (folder / "output" / f"{name}.json").read_text(encoding="utf-8"))


def test_no_module_uses_what_browsers_do_not_have() -> None:
    """They import each other and nothing else; only the command line is for Node."""
    for module in VERIFIER.glob("*.js"):
        text = module.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 250, module.name
        if module.name != "cli.js":
            assert all(each.startswith("./") for each in re.findall(r'from "([^"]*)"', text)), module.name
            assert not re.search(r"\b(Buffer|process|require)\b[.(]", text), module.name
