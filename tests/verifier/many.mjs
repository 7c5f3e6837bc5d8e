// Asks the second verifier about many cases: one JSON object a line on standard input, one answer a line.
// A case is {kind, file, beside, vkeys}, its bytes in base64. Usage: node many.mjs FOLDER-OF-THE-VERIFIER

import { createInterface } from "node:readline";

const { MalformedError, parseVerifierKeys, verifyEvidenceBytes, verifyExportChunks, verifyReceiptBytes } = await import(
  `${process.argv[2]}/verify.js`
);

function bytes(text) {
  return new Uint8Array(Buffer.from(text, "base64"));
}

function verify({ kind, file, beside, vkeys }) {
  const keys = parseVerifierKeys(Buffer.from(vkeys, "base64").toString());
  if (kind === "export") return verifyExportChunks([bytes(file)], bytes(beside), keys);
  if (kind === "receipt") return verifyReceiptBytes(bytes(file), bytes(beside), keys);
  return verifyEvidenceBytes(bytes(file), keys);
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const verdict = await verify(JSON.parse(line));
    console.log(JSON.stringify({ code: verdict.ok ? 0 : 1, ...verdict.toJSON() }));
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    console.log(JSON.stringify({ code: 2, refusal: error.message }));
  }
}
