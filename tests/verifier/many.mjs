// Asks the second verifier about many cases: one JSON object a line on standard input, one answer a line.
// A case is {kind, file, beside, vkeys, policy}, its bytes in base64; there may be no policy. Usage: node many.mjs FOLDER-OF-THE-VERIFIER

import { createInterface } from "node:readline";

const verifier = await import(`${process.argv[2]}/verify.js`);
const { isContradiction, MalformedError, parsePolicy, parseVerifierKeys } = verifier;

function bytes(text) {
  return new Uint8Array(Buffer.from(text, "base64"));
}

function verify({ kind, file, beside, vkeys, policy }) {
  const keys = parseVerifierKeys(Buffer.from(vkeys, "base64").toString());
  const options = { policy: policy === undefined ? null : parsePolicy(Buffer.from(policy, "base64").toString()) };
  if (kind === "export") return verifier.verifyExportChunks([bytes(file)], bytes(beside), keys, options);
  if (kind === "receipt") return verifier.verifyReceiptBytes(bytes(file), bytes(beside), keys, options);
  if (isContradiction(bytes(file))) return verifier.verifyContradictionBytes(bytes(file), keys, options);
  return verifier.verifyEvidenceBytes(bytes(file), keys, options);
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
