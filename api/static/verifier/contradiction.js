// Contradictions: proof that a log signed two histories (ledger/README.md section 16).

import { parseJson, requireMembers } from "./canonical.js";
import { Checkpoint } from "./checkpoint.js";
import { equalBytes, formatUtf8, parseHash } from "./encoding.js";
import { InvalidError, MalformedError } from "./errors.js";
import { parseProof, verifyInclusion } from "./tree.js";

const FORMAT = "packtrail-contradiction-v1";
export const CONTRADICTION_START = `{"format":"${FORMAT}",`;
const LONGEST = 3_000_000;
const LEVELS = 5;

function parseSide(value) {
  requireMembers(value, ["checkpoint", "leaf_hash", "proof"], "a side");
  const { checkpoint, leaf_hash: leafHash, proof } = Object.fromEntries(value);
  if (typeof checkpoint !== "string") throw new MalformedError("checkpoint is no text");
  return { note: formatUtf8(checkpoint), leaf: parseHash(leafHash), proof: parseProof(proof) };
}

/** `{index, signed}` of the bytes of a contradiction; `signed` are its two sides. */
export function parseContradiction(bytes) {
  if (bytes.length > LONGEST) throw new MalformedError("too long for a contradiction");
  const members = requireMembers(parseJson(bytes, { levels: LEVELS }), ["format", "index", "signed"], "the contradiction");
  const { format, index, signed } = Object.fromEntries(members);
  if (format !== FORMAT) throw new MalformedError(`not of the format ${FORMAT}`);
  if (!Number.isSafeInteger(index) || index < 0) throw new MalformedError("index is no number");
  if (!Array.isArray(signed) || signed.length !== 2) throw new MalformedError("signed is no array of two sides");
  return { index, signed: signed.map(parseSide) };
}

/** Whether the log signed two histories. Gives the two checkpoints, or none where that is not proven. */
export async function verifyContradiction(verdict, bytes, keys) {
  const { index, signed } = parseContradiction(bytes);
  verdict.checked = { checkpoints: 2 };
  const heads = [];
  const holds = await verdict.try(index, async () => {
    for (const { note, leaf, proof } of signed) {
      const head = new Checkpoint(note);
      await head.verifyAll(keys);
      verifyInclusion(index, head.size, leaf, proof, head.root);
      heads.push(head);
    }
    if (equalBytes(signed[0].leaf, signed[1].leaf)) throw new InvalidError("both checkpoints say the same of this entry");
  });
  if (!holds) return [];
  const [one, other] = heads;
  verdict.of(other.size > one.size ? other : one);
  verdict.contradiction = { origin: one.origin, index, sizes: [one.size, other.size] };
  return heads;
}
