"""What both verifiers are asked: files, keys and what the first verifier would be told on its command line."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.verifier import script
from tests.verifier.scenes import Scene
from tests.verifier.script import Written, b64, dump_bundle, receipt


@dataclass(frozen=True)
class Case:
    """A file to be verified. `beside` is the checkpoint of an export or the entry of a receipt.

    `policy`, if there is one, says who must have cosigned.
    """

    name: str
    kind: str
    file: bytes
    beside: bytes
    vkeys: str
    policy: bytes | None = None

    def job(self) -> bytes:
        """The line that asks the second verifier."""
        parts = {"file": self.file, "beside": self.beside, "vkeys": self.vkeys.encode()}
        parts |= {} if self.policy is None else {"policy": self.policy}
        return json.dumps({"kind": self.kind, **{name: b64(data) for name, data in parts.items()}}).encode() + b"\n"

    def write(self, folder: Path) -> list[str]:
        """The arguments of the command of the first verifier. What was written before is written over."""
        file, vkeys = folder / self.kind, folder / "vkeys"
        file.write_bytes(self.file)
        vkeys.write_text(self.vkeys, encoding="utf-8", newline="")
        arguments = ["verify", str(file), "--key", str(vkeys)]
        if self.kind == "export":
            Path(f"{file}.checkpoint").write_bytes(self.beside)
        elif self.kind == "receipt":
            Path(f"{file}.entry").write_bytes(self.beside)
            arguments += ["--entry", f"{file}.entry"]
        if self.policy is not None:
            (folder / "policy").write_bytes(self.policy)
            arguments += ["--policy", str(folder / "policy")]
        return arguments

    def but(self, name: str, **changes: Any) -> "Case":
        """This case with another `file`, `beside`, `vkeys` or `policy`."""
        return replace(self, name=f"{self.name}, {name}", **changes)


def export_case(name: str, scene: Scene) -> Case:
    return Case(name, "export", as_export(scene.log.lines), scene.note, scene.vkeys)


def as_export(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def receipt_case(name: str, scene: Scene, index: int) -> Case:
    file = receipt(scene.log, index, scene.note)
    return Case(name, "receipt", file, scene.log.lines[index], scene.vkeys)


def bundle_case(name: str, scene: Scene, subject: str, *, with_map: bool = True) -> Case:
    members = script.bundle(scene.log, subject, scene.note, scene.keys, newest_map(scene.log) if with_map else None)
    return Case(name, "evidence", dump_bundle(members), b"", scene.vkeys)


def newest_map(log: Written) -> int:
    """The index of the last `commit_map`."""
    return max(index for index, line in enumerate(log.lines) if b'"type":"commit_map"' in line)
