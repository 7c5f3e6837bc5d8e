"""Files that were changed after they were made: bytes, lines, checkpoints, receipts, bundles."""

import json
import random
from base64 import b64decode, b64encode
from collections.abc import Iterator

from ledger.notes.cosignature import MLDSA44Signer
from tests.verifier import scenes
from tests.verifier.case import Case, as_export, bundle_case, export_case, receipt_case
from tests.verifier.forms import disturb
from tests.verifier.scenes import FIRST, FIRST_KEYS, FRESH_KEYS, OTHER, PACK, Scene, long_scene, short_scene, vkeys
from tests.verifier.script import Step, dump_bundle, sign_text, write

SUBJECTS = (PACK, OTHER, "PACK3", "ABSENT")


def goldens() -> Iterator[Case]:
    """What must hold."""
    for name, scene in (("short", short_scene()), ("long", long_scene())):
        yield export_case(f"{name} export", scene)
        for index in range(0, len(scene.log.lines), 3):
            yield receipt_case(f"{name} receipt {index}", scene, index)


def golden_bundles() -> Iterator[Case]:
    for name, scene in (("short", short_scene()), ("long", long_scene())):
        for subject in SUBJECTS:
            yield bundle_case(f"{name} evidence of {subject}", scene, subject)
        yield bundle_case(f"{name} evidence without a map", scene, PACK, with_map=False)


def flipped(case: Case, position: int, bit: int) -> Case:
    """One bit changed, of the file or of what stands beside it."""
    whole = bytearray(case.file + case.beside)
    whole[position] ^= 1 << bit
    size = len(case.file)
    return case.but(f"bit {bit} of byte {position}", file=bytes(whole[:size]), beside=bytes(whole[size:]))


def relined(case: Case, rng: random.Random) -> Case:
    """Lines of an export or a receipt left out, doubled, swapped, or ended otherwise."""
    lines = case.file.split(b"\n")
    spot, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.choice(["drop", "double", "swap", "move", "crlf", "empty", "join", "cut", "take"])
    if kind == "drop":
        del lines[spot]
    elif kind == "double":
        lines.insert(spot, lines[spot])
    elif kind == "swap":
        lines[spot], lines[other] = lines[other], lines[spot]
    elif kind == "move":
        lines.insert(other, lines.pop(spot))
    elif kind == "crlf":
        lines[spot] += b"\r"
    elif kind == "empty":
        lines.insert(spot, b"")
    elif kind == "join" and spot:
        lines[spot - 1 : spot + 1] = [lines[spot - 1] + lines[spot]]
    elif kind == "cut":
        lines[spot] = lines[spot][: rng.randrange(len(lines[spot]) + 1)]
    else:
        lines = lines[:spot]
    return case.but(f"{kind} {spot} {other}", file=b"\n".join(lines))


def about_checkpoints(scene: Scene) -> Iterator[Case]:
    """Notes in other forms, and other notes in the right form."""
    case, note = export_case("short export", scene), scene.note
    text, _, signatures = note.decode().partition("\n\n")
    first, second = signatures.splitlines(keepends=True)
    origin, size, root = text.split("\n")
    for name, other in {
        "without a line feed": note[:-1],
        "with one more": note + b"\n",
        "with CRLF": note.replace(b"\n", b"\r\n"),
        "without signatures": f"{text}\n\n".encode(),
        "without a blank line": f"{text}\n{signatures}".encode(),
        "one signature": f"{text}\n\n{first}".encode(),
        "signatures turned round": f"{text}\n\n{second}{first}".encode(),
        "a signature twice": f"{text}\n\n{first}{first}{second}".encode(),
        "a signature by a stranger": f"{text}\n\n{first}— stranger AAAAAAAA\n{second}".encode(),
        "a signature under a known name by another key": f"{text}\n\n{signatures}— {origin} AAAAAAAA\n".encode(),
        "a short signature by a stranger": f"{text}\n\n{signatures}— stranger AAAA\n".encode(),
        "a signature of four bytes": f"{text}\n\n{signatures}— stranger AAAAAA==\n".encode(),
        "base64 without padding": f"{text}\n\n{signatures}— stranger AAAAAAA\n".encode(),
        "base64 with stray bits": f"{text}\n\n{signatures}— stranger AAAAAAB=\n".encode(),
        "a hyphen for the dash": note.replace("—".encode(), b"-"),
        "two spaces": note.replace(b" ", b"  "),
        "a no-break space in a name": f"{text}\n\n{signatures}— a\u00a0b AAAAAAAA\n".encode(),
        "a next line in a name": f"{text}\n\n{signatures}— a\u0085b AAAAAAAA\n".encode(),
        "a zero width space in a name": f"{text}\n\n{signatures}— a\ufeffb AAAAAAAA\n".encode(),
        "a Mongolian separator in a name": f"{text}\n\n{signatures}— a\u180eb AAAAAAAA\n".encode(),
        "an ideographic space in a name": f"{text}\n\n{signatures}— a\u3000b AAAAAAAA\n".encode(),
        "a plus in a name": f"{text}\n\n{signatures}— a+b AAAAAAAA\n".encode(),
        "a tab": f"{text}\n\n{signatures}— a\tb AAAAAAAA\n".encode(),
        "not UTF-8": note + b"\xff\n",
        "a byte order mark": b"\xef\xbb\xbf" + note,
        "nothing": b"",
        "a blank line": b"\n\n",
        "two lines": sign_text(f"{origin}\n{size}\n", scene.signers),
        "a line more": sign_text(f"{text}\nextension\n", scene.signers),
        "a blank line more": sign_text(f"{text}\n\nextension\n", scene.signers),
        "an empty origin": sign_text(f"\n{size}\n{root}\n", scene.signers),
        "another origin": sign_text(f"{scenes.SECOND}\n{size}\n{root}\n", scene.signers),
        "another root": sign_text(f"{origin}\n{size}\n{'A' * 43}=\n", scene.signers),
        "a short root": sign_text(f"{origin}\n{size}\n{b64encode(b64decode(root)[:-1]).decode()}\n", scene.signers),
        "signed by others": sign_text(f"{text}\n", FRESH_KEYS),
        "signed by others as well": sign_text(f"{text}\n", [*scene.signers, *FRESH_KEYS]),
        "signed with a time": sign_text(f"{text}\n", [scene.signers[0], MLDSA44Signer(FIRST, b"l" * 32, timestamp=1)]),
        "cosigned": sign_text(f"{text}\n", [*scene.signers, scenes.WITNESS, scenes.PQ_WITNESS]),
    }.items():
        yield case.but(f"checkpoint {name}", beside=other)
    small = ("0", "6", "8", "07", "+7", "-7", "7.0", "7 ", " 7", "", "٧")
    for number in (*small, str(2**53), str(2**63 - 1), str(2**63), "9" * 30):
        yield case.but(f"size {number!r}", beside=sign_text(f"{origin}\n{number}\n{root}\n", _able(scene, number)))


def _able(scene: Scene, number: str) -> list[scenes.Signer]:
    """The signers that can sign such a size: ML-DSA needs a number of 64 bits."""
    return scene.signers if number.isascii() and number.isdigit() and int(number) < 2**63 else scene.signers[:1]


def about_given_keys(scene: Scene) -> Iterator[Case]:
    case = export_case("short export", scene)
    ed25519, ml_dsa = vkeys(scene.signers)
    name, identity, encoded = ed25519.split("+", 2)
    for what, text in {
        "the Ed25519 key": ed25519,
        "the ML-DSA-44 key": ml_dsa,
        "both, the other way round": f"{ml_dsa}\n{ed25519}\n",
        "the same twice": f"{ed25519}\n{ed25519}\n",
        "with empty lines": f"\n{ed25519}\n\n",
        "with CRLF": f"{ed25519}\r\n{ml_dsa}\r\n",
        "others": "\n".join(vkeys(FRESH_KEYS)),
        "one of others": f"{ed25519}\n{vkeys(FRESH_KEYS)[0]}",
        "of another log": vkeys(scenes.SECOND_KEYS)[0],
        "a witness's too": f"{ed25519}\n{scenes.WITNESS.vkey}",
        "a witness's only": scenes.WITNESS.vkey,
        "none": "",
        "words": "these are no keys",
        "a wrong id": f"{name}+00000000+{encoded}",
        "an id in capitals": f"{name}+{identity.upper()}+{encoded}",
        "without padding": ed25519.rstrip("="),
    }.items():
        yield case.but(f"keys: {what}", vkeys=text)


def about_receipts(scene: Scene) -> Iterator[Case]:
    case = receipt_case("receipt", scene, 4)
    head, _, note = case.file.partition(b"\n\n")
    title, index, *hashes = head.split(b"\n")
    for name, lines in {
        "with extra": [title, b"extra AAAA", index, *hashes],
        "with extra twice": [title, b"extra AAAA", b"extra AAAA", index, *hashes],
        "with extra behind": [title, index, b"extra AAAA", *hashes],
        "with extra that is no base64": [title, b"extra AAA", index, *hashes],
        "with empty extra": [title, b"extra ", index, *hashes],
        "without an index": [title, *hashes],
        "index twice": [title, index, index, *hashes],
        "another version": [title.replace(b"1", b"2"), index, *hashes],
        "capitals": [title, index.upper(), *hashes],
        "no hashes": [title, index],
        "a hash more": [title, index, *hashes, hashes[0]],
        "a hash less": [title, index, *hashes[:-1]],
        "hashes turned round": [title, index, *hashes[::-1]],
        "a short hash": [title, index, *hashes[:-1], b"AAAA"],
        "63 hashes": [title, index, *hashes[:1] * 63],
        "64 hashes": [title, index, *hashes[:1] * 64],
        "the note's first line twice": [title, index, *hashes, b"", note.split(b"\n")[0]],
        "a comment": [title, b"# hello", index, *hashes],
    }.items():
        yield case.but(name, file=b"\n".join(lines) + b"\n\n" + note)
    for number in ("0", "3", "5", "6", "7", "04", "-4", "4 ", str(2**53 + 4), str(2**63), "", "x"):
        numbered = b"\n".join([title, b"index " + number.encode(), *hashes])
        yield case.but(f"index {number!r}", file=numbered + b"\n\n" + note)
    for name, entry in {
        "another entry": scene.log.lines[3],
        "a line feed more": case.beside + b"\n",
        "a space more": case.beside + b" ",
        "no entry": b"",
        "other JSON": b"{}",
    }.items():
        yield case.but(name, beside=entry)


def disturbed_bundle(case: Case, rng: random.Random) -> Case:
    """One value changed in a bundle."""
    members = json.loads(case.file)
    try:
        done = disturb(members, rng)
        return case.but(done, file=dump_bundle(members))
    except (KeyError, TypeError, ValueError):
        return disturbed_bundle(case, rng)


def kept_bundles(case: Case) -> Iterator[Case]:
    """Other spellings of the same bundle, which hold as well."""
    members = json.loads(case.file)
    yield case.but("indented", file=json.dumps(members, indent=2, ensure_ascii=False).encode())
    yield case.but("escaped", file=json.dumps(members).encode())
    yield case.but("turned round", file=json.dumps(dict(reversed(members.items()))).encode())
    members["keys"].reverse()
    yield case.but("keys turned round", file=dump_bundle(members))
    members["keys"].append(members["keys"][0])
    yield case.but("a key entry twice", file=dump_bundle(members))


def broken_bundles(case: Case) -> Iterator[Case]:
    """Bundles of which something was left out or put in."""
    for name in ("entries", "keys"):
        count = len(json.loads(case.file)[name])
        for spot in range(count):
            members = json.loads(case.file)
            del members[name][spot]
            yield case.but(f"without {name} {spot}", file=dump_bundle(members))
    for name, change in {
        "of another subject": {"subject": "ELSE"},
        "with an empty hash": {"entries": [{**json.loads(case.file)["entries"][0], "proof": [""]}]},
        "with an index of 2^53": {"entries": [{**json.loads(case.file)["entries"][0], "index": 2**53}]},
        "with an index of 2^63": {"entries": [{**json.loads(case.file)["entries"][0], "index": 2**63}]},
        "of format 1": {"format": "packtrail-evidence-v1"},
        "of no format": {"format": ""},
        "without keys": {"keys": []},
        "with null for entries": {"entries": None},
    }.items():
        yield case.but(name, file=dump_bundle(json.loads(case.file) | change))
    node, lookup = b64encode(bytes(32)).decode(), json.loads(case.file)["map"]["lookup"]
    for name, other in {
        "with a path of 63 hashes": {"path": [node] * 63},
        "with a path of 64 hashes": {"path": [node] * 64},
        "with rows of four": {"bucket": [[*row, 1] for row in lookup["bucket"]]},
        "with rows of two": {"bucket": [row[:2] for row in lookup["bucket"]]},
    }.items():
        members = json.loads(case.file)
        members["map"]["lookup"] |= other
        yield case.but(name, file=dump_bundle(members))
    for name, spelled in {
        "with a member twice": case.file.replace(b'"subject":', b'"subject":"A","subject":', 1),
        "with a number twice": case.file.replace(b'"index":', b'"index":1,"index":', 1),
        "with a float": case.file.replace(b'"v": 1', b'"v": 1.0', 1),
        "with an exponent": case.file.replace(b'"v": 1', b'"v": 1e0', 1),
        "with minus zero": case.file.replace(b'"index": 0', b'"index": -0', 1),
        "with something behind": case.file + b"{}",
        "with a byte order mark": b"\xef\xbb\xbf" + case.file,
        "cut": case.file[:-1],
    }.items():
        yield case.but(name, file=spelled)


def repeated_entry() -> Iterator[Case]:
    """A log that holds an entry twice, and evidence in which the later copy stands for the first number."""
    steps = scenes.short()[:5]
    copied = write(steps, FIRST).lines[2]
    scene = scenes.scene([*steps, Step(scenes.MAKER, "x", {}, line=lambda _: copied)], FIRST_KEYS)
    yield export_case("an entry twice", scene)
    case = bundle_case("evidence with the later copy", scene, PACK, with_map=False)
    members = json.loads(case.file)
    members["entries"][0] = scene.log.proven(5)
    yield case.but("first", file=dump_bundle(members))


def other_entries_among_keys(scene: Scene, case: Case) -> Iterator[Case]:
    """Evidence whose `keys` hold what is not about keys."""
    for index in (2, 3, 4):
        members = json.loads(case.file)
        members["keys"].append(scene.log.proven(index))
        yield case.but(f"entry {index} among the keys", file=dump_bundle(members))


def line_swaps(scene: Scene, rng: random.Random) -> Case:
    """An export whose checkpoint is that of the lines as they are now: only the chains are wrong."""
    lines = list(scene.log.lines)
    one, other = rng.sample(range(len(lines)), 2)
    kind = rng.choice(["swapped", "dropped", "doubled"])
    if kind == "swapped":
        lines[one], lines[other] = lines[other], lines[one]
    elif kind == "dropped":
        del lines[one]
    else:
        lines.insert(other, lines[one])
    log = type(scene.log)(scene.log.origin, lines)
    return Case(f"{kind} {one} {other}, signed anew", "export", as_export(lines), log.note(scene.signers), scene.vkeys)
