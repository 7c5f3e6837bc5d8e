"""Another signed append-only log in the same run: hypercore, where node and npm are there.

It keeps its data in RocksDB and does not force each append to the disk; PackTrail does. So its single appends are
not the same promise, and its figure stands here for comparison, not as a target.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, figure

GROUP = "Peer: hypercore 11.37.1 (no fsync per append)"

SCRIPT = """
const Hypercore = require('hypercore')
async function main () {
  const core = new Hypercore(process.argv[2])
  await core.ready()
  const block = Buffer.alloc(760, 'x')
  const single = Number(process.argv[3]), many = Number(process.argv[4])
  let start = process.hrtime.bigint()
  for (let i = 0; i < single; i++) await core.append(block)
  const one = single / (Number(process.hrtime.bigint() - start) / 1e9)
  const batch = Array.from({ length: 500 }, () => block)
  start = process.hrtime.bigint()
  for (let i = 0; i < many; i += 500) await core.append(batch)
  const bulk = many / (Number(process.hrtime.bigint() - start) / 1e9)
  console.log(JSON.stringify({ one, bulk }))
  await core.close()
}
main()
"""


def run(*, quick: bool) -> Iterator[Figure]:
    """Single appends and batches of 500 blocks of 760 bytes. Gives nothing where npm cannot install it."""
    if shutil.which("npm") is None:
        return
    with tempfile.TemporaryDirectory(prefix="packtrail-peer-") as name:
        folder = Path(name)
        (folder / "peer.js").write_text(SCRIPT)
        (folder / "package.json").write_text('{"private": true}')
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "hypercore@11.37.1"]
        if subprocess.run(command, cwd=folder, capture_output=True, timeout=300).returncode != 0:
            return
        counts = ["200", "5000"] if quick else ["5000", "100000"]
        found = []
        for attempt in range(1 if quick else 3):
            arguments = ["node", "peer.js", str(folder / f"data{attempt}"), *counts]
            done = subprocess.run(arguments, cwd=folder, capture_output=True, check=True, text=True, timeout=300)
            found.append(json.loads(done.stdout))
        yield figure(GROUP, "single appends", tuple(each["one"] for each in found), "/s")
        yield figure(GROUP, "batches of 500", tuple(each["bulk"] for each in found), "/s")
