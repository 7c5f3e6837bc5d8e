// Evidence bundles: the entries of one subject with their proofs (ledger/README.md section 11).

import { canonicalBytes, parseCanonical, parseJson, requireMembers } from "./canonical.js";
import { openCheckpoint } from "./checkpoint.js";
import { formatBase64, formatUtf8 } from "./encoding.js";
import { parseEntry, SUBJECT } from "./entry.js";
import { InvalidError, MalformedError } from "./errors.js";
import { Keyring } from "./keyring.js";
import { COMMIT_MAP, parseCommitment, parseLookup, verifyLookup } from "./map.js";
import { parseProof, verifyInclusion } from "./tree.js";
import { countDisputed } from "./verdict.js";

export const BUNDLE_FORMAT = "packtrail-evidence-v2";
const LEVELS = 19; // Three around an entry of sixteen.

function parseProven(value) {
  requireMembers(value, ["entry", "index", "proof"], "a proven entry");
  const [entry, index, proof] = ["entry", "index", "proof"].map((name) => value.get(name));
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** 63) throw new MalformedError("index is no number");
  const bytes = canonicalBytes(entry);
  parseCanonical(bytes);
  return { index, bytes, entry: null, proof: parseProof(proof) };
}

function parseProvenList(value) {
  if (!Array.isArray(value)) throw new MalformedError("entries and keys are arrays");
  return value.map(parseProven);
}

/** `{subject, note, entries, keys, map}` of the bytes of a bundle. Its entries are JSON in canonical form, no more. */
export function parseBundle(bytes) {
  const bundle = parseJson(bytes, { levels: LEVELS, nulls: true, wide: true });
  requireMembers(bundle, ["checkpoint", "entries", "format", "keys", "map", "subject"], "the bundle");
  const { format, subject, checkpoint, map } = Object.fromEntries(bundle);
  if (format !== BUNDLE_FORMAT) throw new MalformedError(`not of the format ${BUNDLE_FORMAT}`);
  if (typeof subject !== "string" || !SUBJECT.test(subject)) throw new MalformedError("subject is not of its form");
  if (typeof checkpoint !== "string") throw new MalformedError("checkpoint is no text");
  const entries = parseProvenList(bundle.get("entries"));
  if (entries.length === 0 && map === null) throw new MalformedError("neither entries nor a map: that proves nothing");
  if (map !== null) requireMembers(map, ["commitment", "lookup"], "map");
  return {
    subject,
    note: formatUtf8(checkpoint),
    entries,
    keys: parseProvenList(bundle.get("keys")),
    map: map && { commitment: parseProven(map.get("commitment")), lookup: parseLookup(map.get("lookup")) },
  };
}

export async function verifyBundle(verdict, bytes, keys) {
  const bundle = parseBundle(bytes);
  verdict.subject = bundle.subject;
  verdict.checked = { entries: bundle.entries.length, keys: bundle.keys.length };
  const checkpoint = await openCheckpoint(verdict, bundle.note, keys);
  if (checkpoint === null) return null;
  const ring = await verifyEntries(verdict, bundle, checkpoint);
  if (!verdict.ok) return checkpoint;
  await verdict.try(null, () => ring.verifyCheckpoint(checkpoint, keys));
  verifyHistory(verdict, bundle);
  if (!verdict.ok) return checkpoint;
  if (bundle.map !== null) {
    await verdict.try(bundle.map.commitment.index, () => verifyMap(verdict, bundle, ring, checkpoint));
  }
  verdict.epochs = ring.epochs;
  const signed = bundle.entries.map(({ index, entry }) => [entry.jws.kid, index]);
  verdict.checked.disputed_entries = countDisputed(signed, ring.disputes);
  return checkpoint;
}

/** Points 1 and 2, in the order of the log. An entry that stands in the bundle twice is read once. */
async function verifyEntries(verdict, { entries, keys, map }, checkpoint) {
  const ring = new Keyring();
  const read = new Set();
  const proven = [...keys, ...entries, ...(map ? [map.commitment] : [])].sort((a, b) => a.index - b.index);
  for (const one of proven) {
    await verdict.try(one.index, async () => {
      one.entry = parseEntry(one.bytes);
      verifyInclusion(one.index, checkpoint.size, one.entry.hash, one.proof, checkpoint.root);
      if (keys.includes(one) && !ring.isKeyEntry(one.entry)) {
        throw new InvalidError("keys holds an entry that is not about keys");
      }
      if (read.has(one.index)) return;
      read.add(one.index);
      for (const check of ring.admit(one.index, one.entry)) await check();
    });
  }
  return ring;
}

/** Point 3, and that the entries stand in the log in the order of their numbers. Tells of the first that does not. */
function verifyHistory(verdict, { subject, entries }) {
  let before = null;
  for (const [i, { index, entry }] of entries.entries()) {
    const link = entry.chain.find((one) => one.subject === subject);
    if (link === undefined) return verdict.fail(index, `the entry does not concern ${subject}`);
    if (link.seq !== i + 1) return verdict.fail(index, `the entry is not number ${i + 1} of ${subject}`);
    if (before !== null && link.hash !== formatBase64(before.entry.hash)) {
      return verdict.fail(index, `the entry does not name the one before it of ${subject}`);
    }
    if (before !== null && index <= before.index) return verdict.fail(index, "the entry stands before one of a lower number");
    before = { index, entry };
  }
}

/** Point 4. */
function verifyMap(verdict, { subject, entries, map }, ring, checkpoint) {
  const { index, entry } = map.commitment;
  if (entry.type !== COMMIT_MAP) throw new InvalidError("the map's commitment is another entry");
  const commitment = parseCommitment(index, entry);
  ring.requireAuthority(entry);
  const row = verifyLookup(commitment, subject, map.lookup);
  const covered = entries.filter((one) => one.index < commitment.size);
  const newest = covered.at(-1);
  if (newest === undefined ? row !== null : row === null || row.seq !== covered.length || row.hash !== formatBase64(newest.entry.hash)) {
    throw new InvalidError(`the map says that ${subject} has ${row === null ? "no" : row.seq} entries, or another newest one`);
  }
  verdict.complete = { size: commitment.size, at: entry.at };
  // What the map does not cover stands behind its own entry.
  if (entries.length === 0) verdict.absent = { subject, later: Number(checkpoint.size) - commitment.size - 1 };
}
