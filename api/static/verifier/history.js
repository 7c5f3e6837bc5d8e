// What anybody is shown of a battery (/v1/batteries/{code}/history): proofs that events are in the log, without the events.
//
// The public part holds the leaf hashes of entries and not the entries. So it can be checked that these entries are in the
// log and how many of the battery's there are, but not what they say: that takes the evidence bundle.

import { canonicalBytes, parseJson } from "./canonical.js";
import { equalBytes, formatUtf8, parseBase64, parseHash, parseUtf8 } from "./encoding.js";
import { parseEntry } from "./entry.js";
import { InvalidError, MalformedError } from "./errors.js";
import { COMMIT_MAP, parseCommitment, parseLookup, verifyLookup } from "./map.js";
import { parseReceipt } from "./receipt.js";
import { verifyInclusion } from "./tree.js";

function parseDocument(bytes) {
  try {
    return JSON.parse(parseUtf8(bytes));
  } catch {
    throw new MalformedError("the history is not JSON");
  }
}

/** A JSON value as the reader of canonical JSON gives it. */
function strict(value) {
  return parseJson(formatUtf8(JSON.stringify(value)), { levels: 20 });
}

/** Check the history of `code`. Gives the checkpoint, or null if there is none. */
export async function verifyHistory(verdict, bytes, code, keys) {
  const history = parseDocument(bytes);
  if (!Array.isArray(history?.steps) || !Number.isSafeInteger(history.count)) throw new MalformedError("no history");
  verdict.checked = { events: history.steps.length, of: history.count };
  const known = new Map();
  if (history.code !== code) verdict.fail(null, "the history is another battery's");
  let before = 0;
  for (const { seq, index, leaf_hash: leafHash, proof } of history.steps) {
    await verdict.try(index, () => verifyUnder(verdict, known, keys, parseHash(leafHash), index, proof));
    if (!(seq > before && seq <= history.count)) verdict.fail(index, "the events are not numbered in order");
    before = seq;
  }
  const declared = history.declared_in; // the entry of its pack that lists a module or cell
  if (declared) {
    const hash = parseHash(declared.leaf_hash);
    await verdict.try(declared.index, () => verifyUnder(verdict, known, keys, hash, declared.index, declared.proof));
  }
  const map = history.map;
  if (map) await verdict.try(map.commitment?.index ?? null, () => verifyMap(verdict, known, keys, history, code));
  return [...known.values()].at(-1) ?? null;
}

/** Refuse a proof that does not lead from the leaf hash to the root of a checkpoint that the log signed. */
async function verifyUnder(verdict, known, keys, hash, index, text) {
  const receipt = parseReceipt(formatUtf8(text));
  if (receipt.index !== index) throw new InvalidError("the proof is another entry's");
  const checkpoint = known.get(receipt.checkpoint.text) ?? receipt.checkpoint;
  await checkpoint.verifyAll(keys);
  known.set(checkpoint.text, checkpoint);
  verdict.of(checkpoint);
  verifyInclusion(index, checkpoint.size, hash, receipt.proof, checkpoint.root);
}

/** What the log's own map says of the battery must be true of what is shown. Who signed the map is not known here. */
async function verifyMap(verdict, known, keys, history, code) {
  const { commitment, lookup } = history.map;
  const entry = parseEntry(canonicalBytes(strict(commitment.entry)));
  await verifyUnder(verdict, known, keys, entry.hash, commitment.index, commitment.proof);
  if (entry.type !== COMMIT_MAP) throw new InvalidError("the map's commitment is another entry");
  const row = verifyLookup(parseCommitment(commitment.index, entry), code, parseLookup(strict(lookup)));
  const later = history.steps.filter(({ index }) => index >= commitment.index).length;
  const count = row?.seq ?? 0;
  if (count + later > history.count) throw new InvalidError(`the map knows ${count} events, more than the register tells of`);
  const newest = history.steps.find(({ seq }) => seq === count);
  if (newest !== undefined && !equalBytes(parseBase64(row.hash), parseHash(newest.leaf_hash))) {
    throw new InvalidError("the map knows another newest event");
  }
  if (history.steps.some(({ seq, index }) => seq <= count !== index < commitment.index)) {
    throw new InvalidError("the map does not fit the numbers of the events");
  }
  verdict.complete = { size: commitment.index, at: entry.at, count };
}
