// What can be wrong with something that is verified.
//
// VerifierError
// |- MalformedError   it is not what it says it is: its form is not the one of ledger/README.md (exit code 2)
// `- InvalidError     its form is right, but what it says does not hold (exit code 1)

export class VerifierError extends Error {}

export class MalformedError extends VerifierError {}

/** `index` is the index of the entry that is wrong, or null where no single entry is at fault. */
export class InvalidError extends VerifierError {
  constructor(message, index = null) {
    super(message);
    this.index = index;
  }
}
