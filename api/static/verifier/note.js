// C2SP signed notes, and the verifier keys of who signs them (ledger/README.md section 7).

import { Ed25519Key } from "./ed25519.js";
import { equalBytes, formatHex, formatUtf8, joinBytes, parseBase64, parseUtf8 } from "./encoding.js";
import { InvalidError, MalformedError } from "./errors.js";
import { MlDsa44Key, PUBLIC_KEY_BYTES } from "./mldsa44.js";
import { sha256 } from "./sha256.js";

export const ED25519 = 0x01;
export const ED25519_COSIGNATURE = 0x04;
export const ML_DSA_44 = 0x06;

const KEY_BYTES = new Map([
  [ED25519, 32],
  [ED25519_COSIGNATURE, 32],
  [ML_DSA_44, PUBLIC_KEY_BYTES],
]);
const NAME = /^[^+\p{White_Space}]+$/u;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

const MAX_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;
const MAX_KNOWN = 64;
const known = new Map();

/** What a verifier key text says, with the key that verifies. */
class VerifierKey {
  constructor(text) {
    const [, name, id, encoded] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/su.exec(text) ?? [];
    if (name === undefined || !NAME.test(name)) throw new MalformedError("a verifier key is name+hex+base64");
    const bytes = parseBase64(encoded);
    if (KEY_BYTES.get(bytes[0]) !== bytes.length - 1) throw new MalformedError("a verifier key of a kind not known");
    this.text = text;
    this.name = name;
    this.type = bytes[0];
    this.id = sha256(joinBytes(formatUtf8(name), Uint8Array.of(10), bytes)).subarray(0, 4);
    if (formatHex(this.id) !== id) throw new MalformedError("a verifier key with another key's id");
    this.publicKey = bytes.subarray(1);
    this.key = this.type === ML_DSA_44 ? new MlDsa44Key(this.publicKey) : new Ed25519Key(this.publicKey);
  }

  signed({ name, id }) {
    return name === this.name && equalBytes(id, this.id);
  }
}

/** The key of its text. Keys are made once: unfolding an ML-DSA-44 key takes longer than verifying with it. */
export function parseVerifierKey(text) {
  let key = known.get(text);
  if (key === undefined) {
    key = new VerifierKey(text);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(text, key);
  }
  return key;
}

/** The keys of one log, of a text with one verifier key a line. Empty lines count for nothing. */
export function parseVerifierKeys(text) {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  const keys = lines.filter((line) => line !== "").map(parseVerifierKey);
  if (new Set(keys.map(({ name }) => name)).size !== 1) throw new MalformedError("give the verifier keys of one log");
  return keys;
}

function parseSignature(line) {
  const [, name, encoded] = /^\u2014 ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
  if (name === undefined || !NAME.test(name)) throw new MalformedError("a signature line that is none");
  const bytes = parseBase64(encoded);
  if (bytes.length < 5) throw new MalformedError("a signature line without a signature");
  return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/** The text that is signed, up to and with its last line feed, and the signature lines below it. */
export function parseNote(bytes) {
  if (bytes.length > MAX_BYTES) throw new MalformedError("a note of more than 1,000,000 bytes");
  const all = parseUtf8(bytes);
  if (CONTROL.test(all)) throw new MalformedError("a note with control characters");
  const split = all.lastIndexOf("\n\n");
  if (split < 0) throw new MalformedError("a note without a blank line");
  const lines = all.slice(split + 2).split("\n");
  if (lines.pop() !== "" || lines.length === 0) throw new MalformedError("a note without whole signature lines");
  if (lines.length > MAX_SIGNATURES) throw new MalformedError("a note with more than 100 signatures");
  return { text: all.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/**
 * Refuse a signature by `key` that is wrong. `message(key, signature)` gives the bytes that were signed and the bare
 * signature. Gives whether the key signed at all.
 */
export async function verifyBy(key, signatures, message) {
  let signed = false;
  for (const line of signatures.filter((one) => key.signed(one))) {
    const [bytes, signature] = message(key, line.signature);
    try {
      await key.key.verify(signature, bytes);
    } catch (error) {
      if (error instanceof InvalidError) throw new InvalidError(`${key.name}: ${error.message}`);
      throw error;
    }
    signed = true;
  }
  return signed;
}
