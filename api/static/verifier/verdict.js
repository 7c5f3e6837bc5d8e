// What a verification found.

import { InvalidError, VerifierError } from "./errors.js";

/**
 * The verdict on one file. As JSON: `ok`, `size` and `root` of the checkpoint, `checked` (counts by name), `failures`, each
 * with the `index` of the entry (null where none is at fault), the `battery` whose history is concerned (or null) and `what`
 * is wrong, and `notes`: what else is worth knowing. `complete` is {size, at} where evidence has a map; `absent` is {subject,
 * later} where that map proves that no entry before it names the subject: of the `later` ones nothing is proven.
 * `contradiction` is {origin, index, sizes}.
 */
export class Verdict {
  constructor(kind) {
    this.kind = kind;
    this.size = null;
    this.root = null;
    this.checked = {};
    this.failures = [];
    this.epochs = [];
    this.complete = null;
    this.absent = null;
    this.contradiction = null;
  }

  get ok() {
    return this.failures.length === 0;
  }

  of(checkpoint) {
    this.origin = checkpoint.origin;
    this.size = Number(checkpoint.size);
    this.root = checkpoint.rootText;
  }

  fail(index, what, battery = null) {
    this.failures.push({ index: index === null ? null : Number(index), battery, what });
  }

  /** Do this check; what it finds wrong is the fault of the entry at `index`. Gives whether it held. */
  async try(index, check) {
    try {
      await check();
      return true;
    } catch (error) {
      this.blame(index, error);
      return false;
    }
  }

  blame(index, error) {
    if (!(error instanceof VerifierError)) throw error;
    this.fail(error instanceof InvalidError ? (error.index ?? index) : index, error.message);
  }

  toJSON() {
    const inOrder = this.failures.toSorted((a, b) => (a.index ?? Infinity) - (b.index ?? Infinity) || 0);
    return {
      ok: this.ok,
      size: this.size,
      root: this.root,
      checked: this.checked,
      failures: inOrder,
      notes: this.notes(),
    };
  }

  notes() {
    const found = this.epochs.map(({ epoch, origin, lost }) => `epoch ${epoch} as ${origin}: ${lost} entries were lost`);
    if (this.checked.disputed_entries > 0) found.push(`${this.checked.disputed_entries} entries are signed with a key in dispute`);
    if (this.checked.erased_values > 0) found.push(`${this.checked.erased_values} values were erased lawfully`);
    if (this.contradiction) found.push(this.proven(this.contradiction));
    if (this.complete) found.push(this.asOf(this.complete));
    else if (this.kind === "evidence" && this.ok) found.push("nothing proves that the history is complete");
    return found;
  }

  asOf({ size, at }) {
    if (this.absent === null) return `complete as of the first ${size} entries, ${at}`;
    const { subject, later } = this.absent;
    const rest = later > 0 ? `; of the ${later} entries after that map nothing is proven` : "";
    return `absent as of the first ${size} entries, ${at}: none of them names ${subject}${rest}`;
  }

  proven({ origin, index, sizes: [one, other] }) {
    const under = `under its checkpoints over ${one} and ${other} entries`;
    return `proven: ${origin} signed two histories, with different entries ${index} ${under}`;
  }
}

/** How many of the entries that were signed, as `[kid, index]`, are in dispute. */
export function countDisputed(signed, disputes) {
  return signed.filter(([kid, index]) =>
    disputes.some((one) => one.kid === kid && one.from <= index && index < one.to),
  ).length;
}
