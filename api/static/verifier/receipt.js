// Receipts: C2SP tlog-proof (ledger/README.md section 9).
//
// A receipt that is none in form is malformed; bytes that are no entry are one that the receipt is not for.

import { Checkpoint } from "./checkpoint.js";
import { formatUtf8, parseBase64, parseDecimal, parseUtf8 } from "./encoding.js";
import { parseEntry } from "./entry.js";
import { InvalidError, MalformedError } from "./errors.js";
import { parseProof, verifyInclusion } from "./tree.js";

export const RECEIPT_START = "c2sp.org/tlog-proof@";
const LINE_FEED = 10;
const FIRST_LINE = "c2sp.org/tlog-proof@v1\n";

/** `{index, proof, checkpoint}` of the bytes of a receipt. */
export function parseReceipt(bytes) {
  const text = parseUtf8(bytes);
  const split = text.indexOf("\n\n");
  if (!text.startsWith(FIRST_LINE) || split < 0) throw new MalformedError("not a receipt");
  const lines = text.slice(FIRST_LINE.length, split).split("\n");
  if (lines[0]?.startsWith("extra ")) parseBase64(lines.shift().slice("extra ".length));
  const [index, ...hashes] = lines;
  if (index === undefined || !index.startsWith("index ")) throw new MalformedError("a receipt without an index");
  return {
    index: parseDecimal(index.slice("index ".length)),
    proof: parseProof(hashes),
    checkpoint: new Checkpoint(formatUtf8(text.slice(split + 2))),
  };
}

/** Whether the receipt is valid for the entry of these bytes. A line feed may stand behind them. */
export async function verifyReceipt(verdict, bytes, entryBytes, keys) {
  const { index, proof, checkpoint } = parseReceipt(bytes);
  const bytesOfEntry = entryBytes.at(-1) === LINE_FEED ? entryBytes.subarray(0, -1) : entryBytes;
  verdict.of(checkpoint);
  await verdict.try(null, () => checkpoint.verifyAll(keys));
  await verdict.try(index, () => {
    const { hash } = parseEntry(bytesOfEntry);
    verifyInclusion(index, checkpoint.size, hash, proof, checkpoint.root);
  });
  verdict.checked = { receipts: 1 };
  return checkpoint;
}
