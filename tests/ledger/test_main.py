"""python -m ledger: what a regulator runs, in an empty folder, with nothing installed but this package."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.__main__ import load_verifiers, main
from ledger.bundle import parse_bundle
from ledger.errors import MalformedError
from ledger.log import tile_reader
from ledger.memory import MemoryStore
from ledger.notes.cosignature import MLDSA44Signer
from ledger.notes.note import Ed25519Signer
from ledger.proof import prove_inclusion
from ledger.receipt import Receipt, format_receipt
from ledger.store import Batch, LogState
from ledger.tile import RightEdge
from ledger.tree import hash_leaf
from tests.ledger.conftest import Exported
from tests.needs import ROOT


def run(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command in a folder of its own, with no environment but where the package is."""
    return subprocess.run(
        [sys.executable, "-m", "ledger", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(exported: Exported, tmp_path: Path) -> Path:
    """A folder with an export, its checkpoint, a bundle, a receipt with its entry, and the keys."""
    for file in (exported.file, exported.file.with_name("register.ndjson.checkpoint"), exported.vkeys, exported.bundle):
        shutil.copy(file, tmp_path)
    (tmp_path / "entry.json").write_bytes(exported.entries[700])
    (tmp_path / "receipt").write_bytes(format_receipt(receipt_of(exported, 700)))
    return tmp_path


def receipt_of(exported: Exported, index: int) -> Receipt:
    leaves = [hash_leaf(entry) for entry in exported.entries]
    edge, store = RightEdge(0, {}), MemoryStore()
    tiles = edge.extend(leaves)
    with store.append() as tx:
        state = LogState(len(leaves), leaves[-1], "", "", exported.note, edge.tiles)
        tx.write(Batch(0, (), (), (), (), {}, tiles, state, False))
    with store.read() as reader:
        proof = prove_inclusion(index, len(leaves), tile_reader(reader, len(leaves)).nodes)
    return Receipt(index, tuple(proof), exported.note)


# --- as a process


def test_an_export_is_verified_in_an_empty_folder(folder: Path, exported: Exported) -> None:
    done = run(folder, "verify", "register.ndjson", "--key", "vkeys")
    assert (done.returncode, done.stderr) == (0, b"")
    said = done.stdout.decode()
    assert said.startswith(f"ok: {exported.signed.size} entries")
    assert base64.b64encode(exported.signed.root).decode() in said
    assert said.count("\n") == 1


def test_a_tampered_export_ends_with_exit_code_1_and_the_entry(folder: Path, exported: Exported) -> None:
    lines = list(exported.entries)
    lines[1234] = lines[1234].replace(b"2026-05", b"2026-06", 1)
    (folder / "register.ndjson").write_bytes(b"\n".join(lines) + b"\n")
    done = run(folder, "verify", "register.ndjson", "--key", "vkeys")
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode().startswith("FAILED: entry 1234: ")


def test_usage_and_malformed_input_end_with_exit_code_2(folder: Path) -> None:
    (folder / "noise").write_bytes(b"\xff\xfe\x00")
    for arguments in (
        (),
        ("verify",),
        ("verify", "register.ndjson"),
        ("verify", "missing", "--key", "vkeys"),
        ("verify", "register.ndjson", "--key", "missing"),
        ("verify", "register.ndjson", "--key", "noise"),
        ("verify", "register.ndjson", "--key", "."),
        ("verify", ".", "--key", "vkeys"),
        ("inspect", "noise"),
    ):
        done = run(folder, *arguments)
        assert done.returncode == 2, arguments
        assert done.stdout == b""
        assert b"Traceback" not in done.stderr
        assert done.stderr


def test_the_report_as_json_has_the_promised_shape(folder: Path, exported: Exported) -> None:
    done = run(folder, "verify", "register.ndjson", "--key", "vkeys", "--json")
    report = json.loads(done.stdout)
    assert list(report) == ["ok", "size", "root", "checked", "failures", "notes"]
    assert (report["ok"], report["size"], report["failures"]) == (True, exported.signed.size, [])
    assert base64.b64decode(report["root"]) == exported.signed.root
    assert report["checked"]["signatures"] == exported.signed.size


def test_neither_flask_nor_a_database_is_needed(folder: Path) -> None:
    code = "import sys, ledger.__main__; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    loaded = set(done.stdout.decode().split())
    assert "ledger" in loaded
    assert not loaded & {
        "flask",
        "sqlalchemy",
        "marshmallow",
        "psycopg",
        "pysqlite3",
        "service",
        "api",
        "labels",
        "alembic",
    }


# --- in this process


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    """The exit code and the report of `verify ... --json`, or what was said on standard error."""
    code = main(["verify", *map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else err


@pytest.fixture
def keys(folder: Path) -> list[str]:
    """Both keys of the log, as text."""
    first, second = (folder / "vkeys").read_text().split()
    return ["--key", first, "--key", second]


@pytest.mark.parametrize("signatures", [True, False])
def test_keys_may_be_given_as_text(
    folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str], signatures: bool
) -> None:
    more = [] if signatures else ["--no-signatures"]
    code, report = call(capsys, folder / "register.ndjson", *keys, *more)
    assert (code, report["ok"]) == (0, True)
    assert report["checked"]["signatures"] == (report["size"] if signatures else 0)


def test_a_bundle_is_verified(
    folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str], exported: Exported
) -> None:
    code, report = call(capsys, folder / "evidence.json", *keys)
    assert (code, report["ok"], report["size"]) == (0, True, exported.signed.size)
    assert report["checked"]["entries"] == 6
    data = (folder / "evidence.json").read_bytes()
    bundle = parse_bundle(data)
    assert data.count(b'"type":"sell"') == 1
    (folder / "evidence.json").write_bytes(data.replace(b'"type":"sell"', b'"type":"gift"'))
    code, report = call(capsys, folder / "evidence.json", *keys)
    assert (code, report["ok"]) == (1, False)
    assert report["failures"][0]["index"] in {each.index for each in bundle.entries}
    (folder / "evidence.json").write_bytes(data.replace(b'"proof"', b'"prof"', 1))
    assert call(capsys, folder / "evidence.json", *keys)[0] == 2


def test_a_receipt_is_verified_with_its_entry(
    folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str], exported: Exported
) -> None:
    code, report = call(capsys, folder / "receipt", "--entry", folder / "entry.json", *keys)
    assert (code, report["ok"], report["checked"]) == (0, True, {"receipts": 1})
    (folder / "entry.json").write_bytes(exported.entries[701])
    code, report = call(capsys, folder / "receipt", "--entry", folder / "entry.json", *keys)
    assert (code, report["failures"][0]["index"]) == (1, 700)
    code, said = call(capsys, folder / "receipt", *keys)
    assert (code, "--entry" in said) == (2, True)


@pytest.mark.parametrize("target", ["register.ndjson", "evidence.json", "receipt"])
def test_every_key_that_is_given_must_have_signed(
    folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str], target: str
) -> None:
    """Whoever asks for Ed25519 and ML-DSA-44 is not content with one of them."""
    stranger = MLDSA44Signer("register.test/town", b"?" * 32).vkey
    given = [folder / target, "--entry", folder / "entry.json", "--key", keys[1]]
    assert call(capsys, *given)[0] == 0
    code, report = call(capsys, *given, "--key", stranger)
    assert (code, report["ok"]) == (1, False)


def test_another_checkpoint_may_be_named(folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    beside = folder / "register.ndjson.checkpoint"
    beside.rename(folder / "elsewhere")
    assert call(capsys, folder / "register.ndjson", *keys)[0] == 2
    assert call(capsys, folder / "register.ndjson", *keys, "--checkpoint", folder / "elsewhere")[0] == 0


@pytest.mark.parametrize("at", [0, 20, 40, 60, 200, -3])
def test_a_changed_checkpoint_is_found(
    folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str], at: int
) -> None:
    file = folder / "register.ndjson.checkpoint"
    note = bytearray(file.read_bytes())
    note[at] ^= 1
    file.write_bytes(note)
    code, report = call(capsys, folder / "register.ndjson", *keys)
    assert (code, report["ok"]) == (1, False)
    assert "checkpoint" in report["failures"][0]["what"]


def test_an_empty_export_does_not_hold(folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "register.ndjson").write_bytes(b"")
    code, report = call(capsys, folder / "register.ndjson", *keys)
    assert (code, report["failures"][0]["index"]) == (1, None)


def test_standard_input_and_every_kind_of_file_can_be_inspected(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = {
        "entry.json": "entry",
        "receipt": "receipt",
        "evidence.json": "bundle",
        "register.ndjson.checkpoint": "checkpoint",
    }
    for name, kind in kinds.items():
        assert main(["inspect", str(folder / name)]) == 0
        assert json.loads(capsys.readouterr().out)["kind"] == kind
    done = run(folder, "inspect", "-", stdin=(folder / "entry.json").read_bytes() + b"\n")
    assert (done.returncode, json.loads(done.stdout)["kind"]) == (0, "entry")


def test_any_verifier_key_is_taken_for_a_key_and_not_for_the_name_of_a_file() -> None:
    """Their base64 holds slashes, and is longer than any name of a file may be."""
    for number in range(120):
        signer = MLDSA44Signer("log.example", number.to_bytes(32))
        assert [verifier.name for verifier in load_verifiers([signer.vkey])] == ["log.example"]


def test_keys_of_two_logs_are_refused() -> None:
    with pytest.raises(MalformedError, match="one log"):
        load_verifiers([Ed25519Signer("a.example", b"1" * 32).vkey, Ed25519Signer("b.example", b"1" * 32).vkey])
    with pytest.raises(MalformedError):
        load_verifiers(["no+key"])
