// The keys of operators (ledger/README.md section 5): what a key is, and at which indexes it may sign.

import { requireMembers } from "./canonical.js";
import { Ed25519Key, isRegistrableKey } from "./ed25519.js";
import { parseBase64 } from "./encoding.js";
import { MalformedError } from "./errors.js";
import { KID } from "./jws.js";
import { P256Key } from "./p256.js";

export const KEY_MEMBERS = ["alg", "custody", "kid", "public_key"];

/** A key as an entry describes it. Valid for indexes of `from` up to but not with `until`. */
export class OperatorKey {
  constructor(description) {
    requireMembers(description, KEY_MEMBERS, "a key");
    const [alg, custody, kid, publicKey] = KEY_MEMBERS.map((name) => description.get(name));
    const operator = typeof kid === "string" ? KID.exec(kid)?.[1] : undefined;
    if (operator === undefined) throw new MalformedError("a kid that is not of its form");
    if (custody !== "operator" && custody !== "service") throw new MalformedError("a custody that is not known");
    if (typeof publicKey !== "string") throw new MalformedError("public_key is no text");
    this.alg = alg;
    this.custody = custody;
    this.kid = kid;
    this.operator = operator;
    this.key = bareKey(alg, parseBase64(publicKey));
    this.from = 0;
    this.until = Infinity;
  }

  isValidAt(index) {
    return this.from <= index && index < this.until;
  }
}

function bareKey(alg, bytes) {
  if (alg === "EdDSA") {
    if (!isRegistrableKey(bytes)) throw new MalformedError("an Ed25519 key that may not be registered");
    return new Ed25519Key(bytes);
  }
  if (alg !== "ES256") throw new MalformedError("an algorithm that is not known");
  const key = new P256Key(bytes);
  if (key.point === null) throw new MalformedError("a P-256 key that is no compressed point");
  return key;
}
