// The front: verifies what PackTrail hands out, against the log's verifier keys, in a browser or in Node 20.
//
// It was written from ledger/README.md alone and shares no code with the Python verifier, so that each can find the other
// one's faults.

import { verifyBundle } from "./bundle.js";
import { CONTRADICTION_START, verifyContradiction } from "./contradiction.js";
import { linesOf, verifyExport } from "./export.js";
import { verifyHistory } from "./history.js";
import { parseVerifierKeys } from "./note.js";
import { RECEIPT_START, verifyReceipt } from "./receipt.js";
import { Verdict } from "./verdict.js";

export { MalformedError } from "./errors.js";
export { parsePolicy } from "./policy.js";
export { parseVerifierKeys };

/** `verify` gives the checkpoint, several of them, or null; each must meet the policy. */
async function judged(kind, policy, verify) {
  const verdict = new Verdict(kind);
  const found = await verify(verdict);
  for (const checkpoint of policy === null || found === null ? [] : [found].flat()) {
    await verdict.try(null, async () => (verdict.cosigned = await policy.verify(checkpoint)));
  }
  return verdict;
}

/** The verdict on an evidence bundle. Throws MalformedError if it is none. */
export function verifyEvidenceBytes(bytes, keys, { policy = null } = {}) {
  return judged("evidence", policy, (verdict) => verifyBundle(verdict, bytes, keys));
}

/** The verdict on a receipt for the entry of these bytes. Throws MalformedError if one of them is none. */
export function verifyReceiptBytes(bytes, entry, keys, { policy = null } = {}) {
  return judged("receipt", policy, (verdict) => verifyReceipt(verdict, bytes, entry, keys));
}

/** The verdict on an export; `chunks` is an iterable of its bytes. Throws MalformedError if the checkpoint is none. */
export function verifyExportChunks(chunks, checkpoint, keys, { policy = null, signatures = true, progress } = {}) {
  return judged("export", policy, (verdict) =>
    verifyExport(verdict, linesOf(chunks), checkpoint, keys, { signatures, progress }),
  );
}

/** The verdict on what anybody is shown of the battery `code`. Throws MalformedError if it is no history. */
export function verifyHistoryBytes(bytes, code, keys) {
  return judged("history", null, (verdict) => verifyHistory(verdict, bytes, code, keys));
}

/** The verdict on a contradiction: it holds if the log signed two histories. Throws MalformedError if it is none. */
export function verifyContradictionBytes(bytes, keys, { policy = null } = {}) {
  return judged("contradiction", policy, (verdict) => verifyContradiction(verdict, bytes, keys));
}

/** The first bytes of a file that say what it is. */
export const LONGEST_START = 64;

function startsWith(bytes, text) {
  return new TextDecoder().decode(bytes.subarray(0, text.length)) === text;
}

/** Whether these first bytes of a file are those of a receipt. */
export function isReceipt(bytes) {
  return startsWith(bytes, RECEIPT_START);
}

/** Whether these first bytes of a file are those of a contradiction. */
export function isContradiction(bytes) {
  return startsWith(bytes, CONTRADICTION_START);
}
