// The Merkle tree of RFC 6962 section 2.1, and the proofs of inclusion and consistency of RFC 9162 sections 2.1.3 and 2.1.4.

import { equalBytes, parseHash } from "./encoding.js";
import { InvalidError, MalformedError } from "./errors.js";
import { sha256 } from "./sha256.js";

const MAX_HASHES = 63;
export const EMPTY_ROOT = sha256(new Uint8Array());

/** The hashes of a proof, of their texts. */
export function parseProof(texts) {
  if (!Array.isArray(texts) || texts.length > MAX_HASHES) throw new MalformedError("a proof is an array of at most 63 hashes");
  return texts.map(parseHash);
}

export function leafHash(bytes) {
  const leaf = new Uint8Array(bytes.length + 1);
  leaf.set(bytes, 1);
  return sha256(leaf);
}

export function nodeHash(left, right) {
  const node = new Uint8Array(65);
  node[0] = 1;
  node.set(left, 1);
  node.set(right, 33);
  return sha256(node);
}

/** A tree that only grows: it keeps the roots of its perfect subtrees, one for each bit that is set in its size. */
export class GrowingTree {
  constructor() {
    this.size = 0;
    this.roots = [];
  }

  append(hash) {
    this.roots.push(hash);
    this.size++;
    for (let rest = this.size; rest % 2 === 0; rest /= 2) {
      const right = this.roots.pop();
      this.roots.push(nodeHash(this.roots.pop(), right));
    }
  }

  root() {
    if (this.size === 0) return EMPTY_ROOT;
    return this.roots.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** Refuse a proof that does not lead from the leaf hash at `index` to the root of the tree of `size` leaves. */
export function verifyInclusion(index, size, leaf, proof, root) {
  if (index >= size) throw new InvalidError("the index is not below the size of the tree");
  let at = BigInt(index);
  let last = BigInt(size) - 1n;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0n) throw new InvalidError("the proof is too long");
    if (at % 2n === 1n || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2n === 0n && at !== 0n) {
        at /= 2n;
        last /= 2n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at /= 2n;
    last /= 2n;
  }
  if (last !== 0n) throw new InvalidError("the proof is too short");
  if (!equalBytes(hash, root)) throw new InvalidError("the proof does not lead to the root");
}

/** Refuse a proof that does not show the tree of `old` leaves to be the beginning of the tree of `size` leaves. */
export function verifyConsistency(old, size, oldRoot, root, proof) {
  let at = BigInt(old);
  let last = BigInt(size);
  if (at > last) throw new InvalidError("the old tree is larger than the new one");
  if (proof.length > MAX_HASHES) throw new InvalidError("a proof of more than 63 hashes");
  if (at === 0n || at === last) {
    if (proof.length > 0) throw new InvalidError("the proof is too long");
    if (!equalBytes(oldRoot, at === 0n ? EMPTY_ROOT : root)) throw new InvalidError("the roots differ");
    return;
  }
  // A perfect old tree is itself the first node of the proof, and is not sent: its root is known.
  const isPerfect = (at & (at - 1n)) === 0n;
  const [first, ...path] = isPerfect ? [oldRoot, ...proof] : proof;
  if (first === undefined) throw new InvalidError("the proof is too short");
  at -= 1n;
  last -= 1n;
  while (at % 2n === 1n) [at, last] = [at / 2n, last / 2n];
  let [before, after] = [first, first];
  for (const sibling of path) {
    if (last === 0n) throw new InvalidError("the proof is too long");
    if (at % 2n === 1n || at === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while (at % 2n === 0n && at !== 0n) [at, last] = [at / 2n, last / 2n];
    } else {
      after = nodeHash(after, sibling);
    }
    [at, last] = [at / 2n, last / 2n];
  }
  if (last !== 0n) throw new InvalidError("the proof is too short");
  if (!equalBytes(before, oldRoot)) throw new InvalidError("the proof does not lead to the root of the old tree");
  if (!equalBytes(after, root)) throw new InvalidError("the proof does not lead to the root of the new tree");
}
