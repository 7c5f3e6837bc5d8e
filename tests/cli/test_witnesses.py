"""packtrail witness add, list and remove; packtrail verify --policy."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.entry import parse_entry
from ledger.export import checkpoint_path
from ledger.notes.cosignature import Ed25519Cosigner, MLDSA44Signer
from ledger.notes.note import Ed25519Signer
from ledger.receipt import format_receipt
from service.evidence import evidence_bundle
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call
from tests.service.witnessing.chore import Chore
from tests.service.witnessing.places import Honest, nobody, policy_text

KEY = Ed25519Cosigner("w.test", b"w" * 32, timestamp=0).vkey
OTHER = MLDSA44Signer("w.test", b"w" * 32).vkey
URL = "https://witness.example.cn/w"


def listed(folder: Path) -> Any:
    result = call("witness", "list", "--data", folder, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_witnesses_are_added_listed_and_removed(founded: Path) -> None:
    assert call("witness", "add", "city", KEY, URL + "/", "--data", founded).exit_code == 0
    assert call("witness", "add", "city-pq", OTHER, URL, "--data", founded).exit_code == 0
    found = listed(founded)
    assert [(each["name"], each["url"], each["error"]) for each in found["witnesses"]] == [
        ("city", URL, None),
        ("city-pq", URL, None),
    ]
    assert (found["witnessed"], found["policy"]) == ({"size": 0, "witnesses": []}, None)
    shown = call("witness", "list", "--data", founded)
    assert "never cosigned" in shown.stdout
    assert "any one witness suffices" in shown.stderr
    assert call("witness", "remove", "city", "--data", founded).exit_code == 0
    assert [each["name"] for each in listed(founded)["witnesses"]] == ["city-pq"]
    assert call("witness", "remove", "city", "--data", founded).exit_code == 2
    register = Register(read_settings({}, data=founded))
    with register.read() as reader:
        told = [parse_entry(data).event.body for data in reader.entries(3, 9)]
    register.close()
    at = f"at {URL}: w.test+"
    assert [(each["act"], each["detail"][:-8]) for each in told] == [
        ("add_witness", f"city {at}"),
        ("add_witness", f"city-pq {at}"),
        ("remove_witness", f"city {at}"),
    ]


@pytest.mark.parametrize(
    ("name", "vkey", "url", "reason"),
    [
        ("two words", KEY, URL, "name"),
        ("", KEY, URL, "name"),
        ("w", Ed25519Signer("w.test", b"w" * 32).vkey, URL, "no witness's key"),
        ("w", "w.test+00000000+AAAA", URL, "key"),
        ("w", KEY.replace("w.test", "x.test"), URL, "key id"),
        ("w", KEY, "ftp://witness.example.cn", "address"),
        ("w", KEY, "witness.example.cn", "address"),
        ("w", KEY, "https://", "address"),
        ("w", KEY, "https://witness.example.cn:0", "address"),
        ("w", KEY, "https://witness.example.cn/?a=b", "address"),
        ("w", KEY, "https://me:secret@witness.example.cn", "password"),
        ("w", KEY, "https://witness.example.cn/a b", "ASCII"),
    ],
)
def test_what_is_no_witness_is_refused(founded: Path, name: str, vkey: str, url: str, reason: str) -> None:
    result = call("witness", "add", "--data", founded, "--", name, vkey, url)
    assert result.exit_code == 2
    assert reason in result.stderr
    assert "secret" not in result.stderr
    assert listed(founded)["witnesses"] == []


def test_neither_a_name_nor_a_key_stands_for_two_witnesses(founded: Path) -> None:
    assert call("witness", "add", "city", KEY, URL, "--data", founded).exit_code == 0
    for name, vkey in (("city", OTHER), ("other", KEY)):
        assert call("witness", "add", name, vkey, URL, "--data", founded).exit_code == 2


def test_a_broken_policy_is_told_where_one_looks(founded: Path) -> None:
    (founded / "witness-policy.txt").write_text("quorum nobody\n")
    result = call("witness", "list", "--data", founded)
    assert result.exit_code == 0
    assert "policy, line 1" in result.stderr


def test_who_lists_the_witnesses_reads_why_a_policy_is_not_met(founded: Path) -> None:
    assert call("witness", "add", "city", KEY, URL, "--data", founded).exit_code == 0
    policy = founded / "witness-policy.txt"
    policy.write_text(policy_text([], {"a": KEY, "b": OTHER}, "2"))
    told = call("witness", "list", "--data", founded).stderr
    assert "names b, which this register does not ask" in told
    assert "the quorum 'enough' is not met" in told
    policy.write_text(policy_text([Ed25519Signer("elsewhere", b"e" * 32).vkey], {"a": KEY}, "1"))
    assert "no log of the policy has signed" in call("witness", "list", "--data", founded).stderr


@pytest.fixture
def witnessed(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Honest, list[str]]]:
    """A register with one witness, which has cosigned everything; its keys."""
    monkeypatch.setattr("service.witnessing.rounds.PACE_SECONDS", 0.01)
    register = Register(read_settings({}, data=own))
    logs = [key.vkey for key in register.verifiers]
    witness = Honest(tmp_path / "witness", "w.test", logs)
    with witness.served() as place:
        assert call("witness", "add", "w", witness.vkeys[0], place.url, "--data", own).exit_code == 0
        Chore(register).until_witnessed()
        yield own, witness, logs
    register.close()


def test_verify_with_a_policy_fails_unless_the_quorum_has_cosigned(
    witnessed: tuple[Path, Honest, list[str]], tmp_path: Path
) -> None:
    folder, witness, logs = witnessed
    register = Register(read_settings({}, data=folder))
    export, bundle, receipt, entry = (tmp_path / name for name in ("export", "bundle", "receipt", "entry"))
    assert call("export", "--data", folder, "--out", export, "--witnessed").exit_code == 0
    with register.read() as reader:
        code = next(iter(reader.connection.exec_driver_sql("SELECT code FROM battery LIMIT 1").scalars()))
        proven = reader.proven(3, under=reader.witnessed())
    bundle.write_bytes(evidence_bundle(register, code))
    receipt.write_bytes(format_receipt(proven.receipt))
    entry.write_bytes(proven.entry)
    register.close()
    met, unmet = tmp_path / "met", tmp_path / "unmet"
    met.write_text(policy_text(logs, {"city": witness.vkeys[0]}, "all"))
    unmet.write_text(policy_text(logs, {"city": witness.vkeys[0], "bureau": witness.vkeys[1]}, "all"))
    for target in ((folder, "--no-signatures"), (export, "--no-signatures"), (bundle,), (receipt, "--entry", entry)):
        result = call("verify", *target, "--policy", met)
        assert result.exit_code == 0, result.stdout + result.stderr
        assert "1 cosignatures" in result.stdout
        assert "witnessed by city" in result.stderr
        result = call("verify", *target, "--policy", unmet)
        assert result.exit_code == 1, result.stdout
        assert "the quorum 'enough' is not met" in result.stdout


def test_verify_says_how_far_a_database_is_witnessed(witnessed: tuple[Path, Honest, list[str]], tmp_path: Path) -> None:
    folder, witness, logs = witnessed
    policy = tmp_path / "policy"
    policy.write_text(policy_text(logs, {"city": witness.vkeys[0]}, "all"))
    size = listed(folder)["size"]
    new = ("--id", "later", "--name", "后来", "--role", "tester", "--region", "500103")
    assert call("operator", "add", "--data", folder, *new).exit_code == 0
    now = listed(folder)
    assert now["witnessed"]["size"] == size < now["size"]
    result = call("verify", folder, "--no-signatures", "--policy", policy)
    assert result.exit_code == 0, result.stdout
    assert f"{size} of {now['size']} entries" in result.stderr
    export = tmp_path / "export"
    assert call("export", "--data", folder, "--out", export).exit_code == 0
    assert call("verify", export, "--no-signatures", "--policy", policy).exit_code == 1
    assert call("export", "--data", folder, "--out", export, "--witnessed").exit_code == 0
    assert checkpoint_path(export).read_bytes().split(b"\n")[1] == str(size).encode()
    assert call("verify", export, "--no-signatures", "--policy", policy).exit_code == 0


def test_verify_refuses_a_cosigned_checkpoint_of_other_entries(
    witnessed: tuple[Path, Honest, list[str]], tmp_path: Path
) -> None:
    folder, witness, logs = witnessed
    policy = tmp_path / "policy"
    policy.write_text(policy_text(logs, {"city": witness.vkeys[0]}, "all"))
    register = Register(read_settings({}, data=folder))
    with register.write_beside() as connection:
        note: bytes = connection.exec_driver_sql("SELECT note FROM witnessed").scalar_one()
        lines = note.split(b"\n")
        lines[1] = b"7"
        connection.exec_driver_sql("UPDATE witnessed SET note = ?, size = 7", (b"\n".join(lines),))
    register.close()
    result = call("verify", folder, "--no-signatures", "--policy", policy)
    assert result.exit_code == 1
    assert "not those of which witnesses cosigned 7" in result.stdout


def test_an_export_of_what_nobody_has_witnessed_is_refused(founded: Path, tmp_path: Path) -> None:
    call("witness", "add", "away", KEY, nobody(), "--data", founded)
    result = call("export", "--data", founded, "--out", tmp_path / "export", "--witnessed")
    assert result.exit_code == 2
    assert not (tmp_path / "export").exists()
