// The map from each subject to its newest entry (ledger/README.md section 12).

import { canonicalBytes, requireMembers } from "./canonical.js";
import { equalBytes, formatBase64, formatUtf8, parseHash } from "./encoding.js";
import { InvalidError, MalformedError } from "./errors.js";
import { sha256 } from "./sha256.js";
import { leafHash, nodeHash, verifyInclusion } from "./tree.js";

export const COMMIT_MAP = "commit_map";
const MAX_BUCKETS = 2 ** 31;
const MAX_PATH = 63;

export function bucketCount(batteries) {
  return Math.floor(batteries / 8) + 1;
}

/** What a subject is called in the map. */
function keyOf(subject) {
  return sha256(formatUtf8(subject));
}

/** The low 32 bits of a key's place, the first bit of the key lowest. No more are ever asked for. */
function lowPlace(key) {
  let place = 0;
  for (let bit = 31; bit >= 0; bit--) place = place * 2 + ((key[bit >> 3] >> (7 - (bit & 7))) & 1);
  return place;
}

/** A text for bytes that sorts as they do. */
function sortable(bytes) {
  return String.fromCharCode(...bytes);
}

function bucketOfPlace(place, buckets) {
  const bits = buckets === 1 ? 0 : 32 - Math.clz32(buckets - 1);
  const bucket = place % 2 ** bits;
  return bucket < buckets ? bucket : place % 2 ** (bits - 1);
}

/** What a `commit_map` entry commits to: `{batteries, buckets, root, size}`. */
export function parseCommitment(index, entry) {
  requireMembers(entry.body, ["batteries", "buckets", "root", "size"], "the body of commit_map");
  const { batteries, buckets, root, size } = Object.fromEntries(entry.body);
  if (![batteries, buckets, size].every((number) => Number.isSafeInteger(number) && number >= 0)) {
    throw new MalformedError("commit_map holds a number that is none");
  }
  const rootBytes = parseHash(root);
  if (entry.subjects.length !== 0) throw new InvalidError("commit_map concerns no subject");
  if (size !== index) throw new InvalidError("commit_map is of another size than its index");
  if (buckets !== bucketCount(batteries) || buckets > MAX_BUCKETS) {
    throw new InvalidError("commit_map has another number of buckets than its batteries ask for");
  }
  return { batteries, buckets, root: rootBytes, size };
}

function parseRow(row) {
  if (!Array.isArray(row) || row.length !== 3) throw new MalformedError("a row of the map that is none");
  const [key, seq, hash] = row;
  if (!Number.isInteger(seq) || seq < 1 || seq >= 2 ** 64) throw new MalformedError("a row of the map without a number");
  parseHash(hash);
  return { key: parseHash(key), seq, hash };
}

/** A lookup of its JSON value: `{rows, bytes, path}`. */
export function parseLookup(value) {
  requireMembers(value, ["bucket", "path"], "lookup");
  const [bucket, path] = [value.get("bucket"), value.get("path")];
  if (!Array.isArray(bucket) || !Array.isArray(path) || path.length > MAX_PATH) {
    throw new MalformedError("lookup holds something else than two arrays, of at most 63 hashes the second");
  }
  return { rows: bucket.map(parseRow), bytes: canonicalBytes(bucket), path: path.map(parseHash) };
}

/** The subject's row, or null where the lookup proves that it has none. */
export function verifyLookup(commitment, subject, { rows, bytes, path }) {
  const wanted = keyOf(subject);
  const bucket = bucketOfPlace(lowPlace(wanted), commitment.buckets);
  rows.forEach((row, i) => {
    if (i > 0 && !(sortable(rows[i - 1].key) < sortable(row.key))) {
      throw new InvalidError("the rows of the lookup do not ascend");
    }
    if (bucketOfPlace(lowPlace(row.key), commitment.buckets) !== bucket) {
      throw new InvalidError("a row of the lookup belongs into another bucket");
    }
  });
  verifyInclusion(bucket, commitment.buckets, leafHash(bytes), path, commitment.root);
  return rows.find((row) => equalBytes(row.key, wanted)) ?? null;
}

/** The whole map, kept up to date entry by entry, so that each commitment can be computed again. */
export class MapTree {
  constructor() {
    this.newest = new Map();
    this.buckets = [[]];
    this.levels = [[leafHash(formatUtf8("[]"))]];
    this.changed = new Set();
  }

  get batteries() {
    return this.newest.size;
  }

  set(subject, seq, hash) {
    const known = this.newest.get(subject);
    const row = known ?? { key: keyOf(subject), place: 0, seq: 0, hash: null };
    row.seq = seq;
    row.hash = hash;
    if (known === undefined) {
      row.place = lowPlace(row.key);
      this.newest.set(subject, row);
      if (this.buckets.length < bucketCount(this.batteries)) this.split();
    }
    const bucket = bucketOfPlace(row.place, this.buckets.length);
    if (known === undefined) this.buckets[bucket].push(row);
    this.changed.add(bucket);
  }

  /** One bucket more: some rows of another one now belong into it. */
  split() {
    const added = this.buckets.length;
    const source = added - 2 ** (31 - Math.clz32(added));
    const moved = this.buckets[source];
    this.buckets[source] = [];
    this.buckets.push([]);
    for (const row of moved) this.buckets[bucketOfPlace(row.place, added + 1)].push(row);
    this.changed.add(source).add(added);
  }

  bucketHash(bucket) {
    const rows = this.buckets[bucket].map((row) => [sortable(row.key), row]).sort(([a], [b]) => (a < b ? -1 : 1));
    return leafHash(canonicalBytes(rows.map(([, { key, seq, hash }]) => [formatBase64(key), seq, formatBase64(hash)])));
  }

  /** The root over all buckets. A node without a sibling stands for itself one level higher. */
  root() {
    let changed = [...this.changed];
    this.changed.clear();
    for (const bucket of changed) this.levels[0][bucket] = this.bucketHash(bucket);
    let depth = 0;
    for (; this.levels[depth].length > 1; depth++) {
      const below = this.levels[depth];
      const level = (this.levels[depth + 1] ??= []);
      changed = [...new Set(changed.map((node) => node >> 1))];
      for (const node of changed) {
        const [left, right] = [below[2 * node], below[2 * node + 1]];
        level[node] = right === undefined ? left : nodeHash(left, right);
      }
    }
    return this.levels[depth][0];
  }

  /** Refuse a commitment that is not the one to this map. */
  verify(commitment) {
    if (commitment.batteries !== this.batteries) throw new InvalidError("commit_map counts other batteries");
    if (!equalBytes(commitment.root, this.root())) throw new InvalidError("commit_map has another root");
  }
}
