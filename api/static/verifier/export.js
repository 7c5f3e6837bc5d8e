// Exports: all entries of a log, one a line, and the checkpoint over them (ledger/README.md section 10).

import { openCheckpoint } from "./checkpoint.js";
import { equalBytes, formatBase64 } from "./encoding.js";
import { parseEntry } from "./entry.js";
import { Erasures } from "./erasure.js";
import { InvalidError } from "./errors.js";
import { Keyring } from "./keyring.js";
import { COMMIT_MAP, MapTree, parseCommitment } from "./map.js";
import { GrowingTree, leafHash } from "./tree.js";
import { countDisputed } from "./verdict.js";

const CHECKS_AT_ONCE = 256;
const LINE_FEED = 10;
const MAX_LINE = 60_001;

/** The lines of chunks of bytes, in arrays. The last one may lack its line feed. */
export async function* linesOf(chunks) {
  let held = new Uint8Array();
  for await (const chunk of chunks) {
    const lines = [];
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
      lines.push(join(held, chunk.subarray(from, to)));
      held = new Uint8Array();
      from = to + 1;
    }
    // A line without end is cut: it is too long already, and more of it would only fill the memory.
    if (held.length < MAX_LINE) held = join(held, chunk.slice(from));
    if (lines.length > 0) yield lines;
  }
  if (held.length > 0) yield [held];
}

function join(held, more) {
  if (held.length === 0) return more;
  const bytes = new Uint8Array(held.length + more.length);
  bytes.set(held);
  bytes.set(more, held.length);
  return bytes;
}

class ExportReader {
  constructor(verdict, signatures) {
    this.verdict = verdict;
    this.signatures = signatures;
    this.tree = new GrowingTree();
    this.ring = new Keyring();
    this.map = new MapTree();
    this.ids = new Set();
    this.erasures = new Erasures();
    this.signed = [];
    this.checks = [];
    this.newestHash = "";
    this.newestTime = "";
    this.suspect = null;
    this.misnamed = [];
    this.links = 0;
    this.maps = 0;
  }

  async read(bytes) {
    const index = this.tree.size;
    const hash = leafHash(bytes);
    this.tree.append(hash);
    try {
      const entry = parseEntry(bytes, hash);
      this.follow(index, entry);
      if (this.signatures) this.judge(index, entry);
    } catch (error) {
      this.verdict.blame(index, error);
    }
    this.newestHash = formatBase64(hash);
    if (this.checks.length >= CHECKS_AT_ONCE) await this.settle();
  }

  /** Point 3: the chains and the time. And the map, which is made of the same. */
  follow(index, entry) {
    const faults = [];
    this.weigh(index, entry.prev === this.newestHash);
    if (entry.at < this.newestTime) faults.push("at is earlier than in the entry before");
    else this.newestTime = entry.at;
    if (entry.type === COMMIT_MAP) this.verdictOnMap(index, entry);
    for (const { subject, seq, hash } of entry.chain) {
      const before = this.map.newest.get(subject);
      const [number, link] = before === undefined ? [1, ""] : [before.seq + 1, formatBase64(before.hash)];
      if (seq !== number || hash !== link) {
        this.verdict.fail(index, `the link of ${subject} does not name its entry before`, subject);
      }
      this.map.set(subject, seq, entry.hash);
      this.links++;
    }
    for (const fault of faults) this.verdict.fail(index, fault);
    if (this.ids.has(entry.id)) this.verdict.fail(index, "the event stands in the log twice");
    this.ids.add(entry.id);
  }

  /** Whose fault it is that an entry does not follow on the one before it: the next one tells. */
  weigh(index, follows) {
    if (this.suspect !== null) this.blame(follows);
    else if (!follows) this.suspect = index;
  }

  /** If the next one follows on the suspect, it is the one before the suspect that was changed. */
  blame(nextFollows) {
    if (nextFollows && this.suspect > 0) this.misnamed.push(this.suspect);
    else this.verdict.fail(this.suspect, "prev is not the leaf hash of the entry before");
    this.suspect = null;
  }

  /** After the last entry. `complete`: there are as many as the checkpoint signs, so none is missing or put in. */
  finish(complete) {
    if (this.suspect !== null) this.blame(false);
    for (const index of this.misnamed) {
      if (complete) this.verdict.fail(index - 1, `entry ${index} names another entry before it than this`);
      else this.verdict.fail(index, "prev is not the leaf hash of the entry before: entries are missing or were put in");
    }
  }

  verdictOnMap(index, entry) {
    try {
      this.map.verify(parseCommitment(index, entry));
      this.maps++;
    } catch (error) {
      this.verdict.blame(index, error);
    }
  }

  /** Point 4: who signed. */
  judge(index, entry) {
    const checks = this.ring.admit(index, entry);
    if (entry.type === COMMIT_MAP) this.ring.requireAuthority(entry);
    this.signed.push([entry.jws.kid, index]);
    this.erasures.read(index, entry, this.ring.authority);
    for (const check of checks) this.checks.push(this.verdict.try(index, check));
  }

  async settle() {
    await Promise.all(this.checks);
    this.checks = [];
  }
}

/**
 * Verify an export. `lines` is an async iterable as `linesOf` gives. Without `signatures`, who signed the entries is not
 * asked. `progress` is called with the number of entries read.
 */
export async function verifyExport(verdict, lines, checkpointBytes, keys, { signatures = true, progress } = {}) {
  const checkpoint = await openCheckpoint(verdict, checkpointBytes, keys);
  if (checkpoint === null) return null;
  const reader = new ExportReader(verdict, signatures);
  for await (const some of lines) {
    for (const line of some) await reader.read(line);
    progress?.(reader.tree.size);
  }
  await reader.settle();
  const { ring, tree } = reader;
  reader.finish(BigInt(tree.size) === BigInt(checkpoint.size));
  await verdict.try(null, () => verifyHead(checkpoint, tree));
  if (signatures && tree.size > 0) await verdict.try(null, () => ring.verifyCheckpoint(checkpoint, keys));
  verdict.epochs = ring.epochs;
  verdict.checked = {
    entries: tree.size,
    battery_links: reader.links,
    batteries: reader.map.batteries,
    signatures: signatures ? tree.size : 0,
    maps: reader.maps,
    disputed_entries: countDisputed(reader.signed, ring.disputes),
  };
  if (reader.erasures.count > 0) verdict.checked.erased_values = reader.erasures.count;
  return checkpoint;
}

function verifyHead(checkpoint, tree) {
  if (checkpoint.size !== tree.size) {
    throw new InvalidError(`the checkpoint signs ${checkpoint.size} entries, the file has ${tree.size}`);
  }
  if (!equalBytes(checkpoint.root, tree.root())) throw new InvalidError("the entries have another root");
}
