// Erasures: entries that say that values behind commitments were destroyed (ledger/README.md section 14).

import { requireMembers } from "./canonical.js";
import { parseHash } from "./encoding.js";
import { InvalidError, MalformedError } from "./errors.js";

const ERASE_VALUES = "erase_values";
const COMMITMENT = /_commitment$/;
const MAX_COMMITMENTS = 256;

function isHash(text) {
  try {
    return parseHash(text) !== null;
  } catch {
    return false;
  }
}

/** The commitments, as text, that an erasure names. */
function parseErasure({ body, subjects }) {
  requireMembers(body, ["basis", "commitments", "reason"], "the body of erase_values");
  const { basis, commitments, reason } = Object.fromEntries(body);
  if (subjects.length > 1) throw new InvalidError("erase_values has one subject, or none");
  if (![basis, reason].every((text) => typeof text === "string" && text !== "")) {
    throw new MalformedError("basis and reason are texts that are not empty");
  }
  if (!Array.isArray(commitments) || commitments.length < 1 || commitments.length > MAX_COMMITMENTS) {
    throw new MalformedError("commitments is no array of 1 to 256");
  }
  if (!commitments.every(isHash) || new Set(commitments).size !== commitments.length) {
    throw new MalformedError("commitments are different hashes");
  }
  return commitments;
}

/** Which commitments there are, of whose entries, and how many values were erased. Read entries in index order. */
export class Erasures {
  constructor() {
    this.made = new Map();
    this.count = 0;
    this.indexes = [];
  }

  /** Take in an entry; refuse an erasure of what is not there, or by who may not. */
  read(index, entry, authority) {
    if (entry.type === ERASE_VALUES) this.erase(index, entry, authority);
    for (const [name, text] of entry.body) {
      if (!COMMITMENT.test(name) || !isHash(text)) continue;
      const { actor, subjects } = entry;
      this.made.set(text, [...(this.made.get(text) ?? []), { actor, subjects }]);
    }
  }

  erase(index, entry, authority) {
    const [subject] = entry.subjects;
    const commitments = parseErasure(entry);
    this.count += commitments.length;
    this.indexes.push(index);
    for (const commitment of commitments) {
      const places = (this.made.get(commitment) ?? []).filter(({ subjects }) =>
        subject === undefined ? subjects.length === 0 : subjects.includes(subject),
      );
      if (places.length === 0) throw new InvalidError(`no earlier entry of ${subject ?? "none"} holds what is erased`);
      if (entry.actor !== authority && !places.some(({ actor }) => actor === entry.actor)) {
        throw new InvalidError("a value of another operator is erased");
      }
    }
  }
}
