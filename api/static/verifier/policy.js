// Policies: how many of which witnesses must have cosigned a checkpoint. C2SP tlog-policy (ledger/README.md section 13).

import { equalBytes } from "./encoding.js";
import { InvalidError, MalformedError } from "./errors.js";
import { ED25519, ED25519_COSIGNATURE, ML_DSA_44, parseVerifierKey } from "./note.js";

const WORD = /[^ \t]+/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/;
const LONGEST = 4_000_000;

class Policy {
  constructor() {
    this.logs = [];
    this.members = new Map();
    this.used = new Set();
    this.quorum = undefined;
  }

  log([key], rest) {
    requireWords(key !== undefined && rest === 0);
    const parsed = parseVerifierKey(key);
    if (parsed.type !== ED25519 && parsed.type !== ML_DSA_44) throw new MalformedError("a key that no log has");
    this.requireNew(this.logs, parsed);
    this.logs.push(parsed);
  }

  witness([name, text], rest) {
    requireWords(text !== undefined && rest === 0);
    const key = parseVerifierKey(text);
    if (key.type !== ED25519_COSIGNATURE && key.type !== ML_DSA_44) throw new MalformedError("a key that no witness has");
    this.requireNew([...this.members.values()].flatMap((one) => one.key ?? []), key);
    this.define(name, { key });
  }

  group(name, need, members) {
    requireWords(name !== undefined && members.length > 0);
    for (const member of members) {
      if (!this.members.has(member)) throw new MalformedError(`${member} is not defined before its group`);
      if (this.used.has(member)) throw new MalformedError(`${member} is used twice`);
      this.used.add(member);
    }
    const count = need === "all" ? members.length : need === "any" ? 1 : /^[1-9][0-9]{0,5}$/.test(need) ? Number(need) : 0;
    if (count < 1 || count > members.length) throw new MalformedError("a group that can not be met");
    this.define(name, { count, members });
  }

  define(name, member) {
    if (name === "none" || this.members.has(name)) throw new MalformedError(`${name} is defined twice`);
    this.members.set(name, member);
  }

  requireNew(keys, key) {
    if (keys.some((one) => equalBytes(one.publicKey, key.publicKey))) throw new MalformedError("a key stands twice in the policy");
  }

  setQuorum(name, rest) {
    requireWords(name !== undefined && rest === 0);
    if (this.quorum !== undefined) throw new MalformedError("a policy has one quorum");
    if (name !== "none" && !this.members.has(name)) throw new MalformedError("the quorum is not defined");
    this.quorum = name;
  }

  /** The names of the witnesses that cosigned the checkpoint; refuses it where they are too few. */
  async verify(checkpoint) {
    if (this.logs.length > 0) await this.verifyLog(checkpoint);
    const cosigned = new Set();
    for (const [name, { key }] of this.members) {
      if (key !== undefined && (await checkpoint.isSignedBy(key)) && checkpoint.hasTimeOf(key)) cosigned.add(name);
    }
    if (this.quorum !== "none" && !this.isMet(this.quorum, cosigned)) {
      throw new InvalidError("the checkpoint is not cosigned as the policy asks");
    }
    return [...cosigned].sort();
  }

  /** Refuse a checkpoint that a log of the policy signed wrongly, or that none signed under its own origin. */
  async verifyLog(checkpoint) {
    let signed = false;
    for (const key of this.logs) {
      signed = ((await checkpoint.isSignedBy(key)) && key.name === checkpoint.origin) || signed;
    }
    if (!signed) throw new InvalidError("no log of the policy signed the checkpoint");
  }

  isMet(name, cosigned) {
    const { key, count, members } = this.members.get(name);
    if (key !== undefined) return cosigned.has(name);
    return members.filter((member) => this.isMet(member, cosigned)).length >= count;
  }
}

function requireWords(right) {
  if (!right) throw new MalformedError("a line of the policy that is none");
}

/** The policy of its text. */
export function parsePolicy(text) {
  if (text.length > LONGEST && [...text].length > LONGEST) throw new MalformedError("a policy that is too long");
  if (text !== "" && !text.endsWith("\n")) throw new MalformedError("a policy whose last line may be cut off");
  const policy = new Policy();
  for (const line of text.split("\n")) {
    if (CONTROL.test(line)) throw new MalformedError("a control character in the policy");
    const words = line.match(WORD) ?? ["#"];
    if (words[0].startsWith("#")) continue;
    const [kind, ...rest] = words;
    if (kind === "log") policy.log(rest, Math.max(0, rest.length - 2));
    else if (kind === "witness") policy.witness(rest, Math.max(0, rest.length - 3));
    else if (kind === "group") policy.group(rest[0], rest[1], rest.slice(2));
    else if (kind === "quorum") policy.setQuorum(rest[0], rest.length - 1);
    else throw new MalformedError("a line of the policy that is none");
  }
  if (policy.quorum === undefined) throw new MalformedError("a policy without a quorum");
  return policy;
}
