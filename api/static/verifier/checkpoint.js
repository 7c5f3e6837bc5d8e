// Checkpoints: the signed heads of the tree (ledger/README.md section 7), and what their signatures are made over.

import { formatBase64, formatU64, formatUtf8, joinBytes, parseDecimal, parseHash } from "./encoding.js";
import { InvalidError, MalformedError } from "./errors.js";
import { ED25519, ED25519_COSIGNATURE, ML_DSA_44, parseNote, verifyBy } from "./note.js";

export class Checkpoint {
  constructor(bytes) {
    const { text, signatures } = parseNote(bytes);
    const lines = text.split("\n");
    if (lines.length < 4) throw new MalformedError("a checkpoint has three lines");
    if (lines.slice(0, -1).includes("")) throw new MalformedError("a checkpoint with an empty line");
    this.text = text;
    this.signatures = signatures;
    this.origin = lines[0];
    this.size = parseDecimal(lines[1]);
    this.root = parseHash(lines[2]);
    this.extended = lines.length > 4;
    this.asked = new Map();
  }

  get rootText() {
    return formatBase64(this.root);
  }

  /** Refuse it unless it is of the log that these keys are named after, and every one of them signed it. */
  async verifyAll(keys) {
    if (!keys.every(({ name }) => name === this.origin)) throw new InvalidError("the checkpoint is of another log");
    for (const key of keys) {
      if (!(await this.isSignedBy(key))) throw new InvalidError("the checkpoint is not signed by every key of the log");
    }
  }

  /** Refuse it if one of these keys signed it wrongly, or none signed it. */
  async verifyAny(keys) {
    let signed = false;
    for (const key of keys) signed = (await this.isSignedBy(key)) || signed;
    if (!signed) throw new InvalidError("the checkpoint is not signed by the log");
  }

  /** Whether this key signed it; refuses it if it signed it wrongly. Each key is asked once. */
  async isSignedBy(key) {
    if (this.extended) throw new InvalidError("a checkpoint with extension lines, which are refused");
    if (!this.asked.has(key.text)) {
      this.asked.set(key.text, verifyBy(key, this.signatures, (one, signature) => signedMessage(this, one, signature)));
    }
    return this.asked.get(key.text);
  }

  /** Whether a signature of this key says when it was made: with the time 0 it is a log's own, and no cosignature. */
  hasTimeOf(key) {
    return this.signatures.some((one) => key.signed(one) && one.signature.subarray(0, 8).some((byte) => byte !== 0));
  }
}

/** What a key of its type signs of a checkpoint, and the signature without its timestamp. */
function signedMessage(checkpoint, key, signature) {
  if (key.type === ED25519) return [formatUtf8(checkpoint.text), signature];
  if (signature.length < 8) throw new InvalidError("a cosignature without a timestamp");
  const time = signature.subarray(0, 8);
  if (key.type === ED25519_COSIGNATURE) {
    const seconds = new DataView(time.slice().buffer).getBigUint64(0);
    return [formatUtf8(`cosignature/v1\ntime ${seconds}\n${checkpoint.text}`), signature.subarray(8)];
  }
  return [subtreeMessage(checkpoint, key.name, time), signature.subarray(8)];
}

function subtreeMessage({ origin, size, root }, name, time) {
  const [nameBytes, originBytes] = [formatUtf8(name), formatUtf8(origin)];
  if (nameBytes.length > 255 || originBytes.length > 255) throw new InvalidError("a name of more than 255 bytes");
  return joinBytes(
    formatUtf8("subtree/v1\n\0"),
    Uint8Array.of(nameBytes.length),
    nameBytes,
    time,
    Uint8Array.of(originBytes.length),
    originBytes,
    formatU64(0),
    formatU64(size),
    root,
  );
}

/** The checkpoint, signed by all of these keys; null, with the failure in the verdict, if it is none. */
export async function openCheckpoint(verdict, bytes, keys) {
  let checkpoint = null;
  const holds = await verdict.try(null, async () => {
    checkpoint = new Checkpoint(bytes);
    await checkpoint.verifyAll(keys);
  });
  if (checkpoint !== null) verdict.of(checkpoint);
  return holds ? checkpoint : null;
}
