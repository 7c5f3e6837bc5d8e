// Who may sign, as far as the entries say (ledger/README.md sections 5 and 15). Entries are read in index order: each is
// judged by what those before it say, and then says itself what holds from the next index on.

import { canonicalBytes, requireMembers } from "./canonical.js";
import { Checkpoint } from "./checkpoint.js";
import { formatHex, formatUtf8, joinBytes, parseBase64 } from "./encoding.js";
import { InvalidError, MalformedError } from "./errors.js";
import { KEY_MEMBERS, OperatorKey } from "./keys.js";
import { ED25519, ML_DSA_44, parseVerifierKey } from "./note.js";

const MAX_LOG_KEYS = 8;

export class Keyring {
  constructor() {
    this.keys = new Map();
    this.authority = null;
    this.origin = null;
    this.heads = [];
    this.epochs = [];
    this.disputes = [];
  }

  /**
   * Judge the entry and take in what it says. Gives its signature checks that are still to be made, as functions that
   * give promises, so that the caller can make many at once.
   */
  admit(index, entry) {
    const kind = KINDS.get(entry.type);
    if (entry.type === "open_log") return this.open(index, entry);
    if (this.origin === null) throw new InvalidError("the log was not opened before this entry");
    const origin = entry.type === "new_epoch" ? entry.body.get("origin") : this.origin;
    if (entry.origin !== origin) throw new InvalidError("the event is meant for another log");
    const key = this.signingKey(index, entry);
    if (kind !== undefined) requireNoSubjects(entry);
    const checks = kind === undefined ? [] : kind(this, index, entry);
    return [() => key.key.verify(entry.jws.signature, entry.signingInput()), ...checks];
  }

  isKeyEntry(entry) {
    return entry.type === "open_log" || KINDS.has(entry.type);
  }

  signingKey(index, { jws }) {
    const key = this.keys.get(jws.kid);
    if (key === undefined) throw new InvalidError(`the key ${jws.kid} is not registered`);
    if (!key.isValidAt(index)) throw new InvalidError(`the key ${jws.kid} is not valid at this index`);
    if (key.alg !== jws.alg || key.custody !== jws.custody) {
      throw new InvalidError(`the signature header says otherwise than the key ${jws.kid}`);
    }
    return key;
  }

  open(index, entry) {
    if (index !== 0 || this.origin !== null) throw new InvalidError("open_log stands elsewhere than at index 0");
    requireMembers(entry.body, ["authority_key", "log_keys"], "the body of open_log");
    const key = new OperatorKey(entry.body.get("authority_key"));
    if (key.operator !== entry.actor) throw new InvalidError("the authority's key is another operator's");
    const { kid, alg, custody } = entry.jws;
    if (kid !== key.kid || alg !== key.alg || custody !== key.custody) {
      throw new InvalidError("open_log is not signed with the authority's key");
    }
    requireNoSubjects(entry);
    const logKeys = parseLogKeys(entry.body.get("log_keys"), entry.origin);
    this.authority = entry.actor;
    this.announce(0, entry.origin, logKeys);
    this.keys.set(key.kid, key);
    return [() => key.key.verify(entry.jws.signature, entry.signingInput())];
  }

  announce(index, origin, logKeys) {
    this.origin = origin;
    this.heads.push({ index, origin, logKeys });
  }

  /** Origin and keys of the log that are in force for a checkpoint of this size; undefined before the log is opened. */
  headAt(size) {
    return this.heads.findLast(({ index }) => index < size);
  }

  add(index, key) {
    if (this.keys.has(key.kid)) throw new InvalidError(`the key name ${key.kid} was used before`);
    key.from = index + 1;
    this.keys.set(key.kid, key);
  }

  /** Refuse a checkpoint that is not by the log as these entries say it was at its size (section 7). */
  async verifyCheckpoint(checkpoint, given) {
    const head = this.headAt(checkpoint.size);
    if (head === undefined) throw new InvalidError("the entries name no keys of the log");
    if (head.origin !== checkpoint.origin) throw new InvalidError("the checkpoint is of another origin than the entries");
    if (!given.every(({ text }) => head.logKeys.some((key) => key.text === text))) {
      throw new InvalidError(`a key that was given is not the log's at this size: see entry ${head.index}`);
    }
    await checkpoint.verifyAll(head.logKeys);
  }

  requireAuthority(entry) {
    if (entry.actor !== this.authority) throw new InvalidError(`${entry.type} is for the authority to sign`);
  }

  requireOwnerOrAuthority(entry, operator) {
    if (entry.actor !== operator && entry.actor !== this.authority) {
      throw new InvalidError(`${entry.type} concerns a key of another operator`);
    }
  }

  known(kid) {
    const key = typeof kid === "string" ? this.keys.get(kid) : undefined;
    if (key === undefined) throw new InvalidError("there is no such key");
    return key;
  }
}

function requireNoSubjects({ type, subjects }) {
  if (subjects.length !== 0) throw new InvalidError(`${type} has no subjects`);
}

function requireReason(reason) {
  if (typeof reason !== "string" || reason === "") throw new MalformedError("reason is a text that is not empty");
}

function parseLogKeys(texts, origin) {
  if (!Array.isArray(texts) || texts.length < 1 || texts.length > MAX_LOG_KEYS) {
    throw new MalformedError("log_keys is no array of 1 to 8 keys");
  }
  if (!texts.every((text) => typeof text === "string")) throw new MalformedError("log_keys holds something else");
  const keys = texts.map(parseVerifierKey);
  if (!keys.every(({ name, type }) => name === origin && (type === ED25519 || type === ML_DSA_44))) {
    throw new MalformedError("log_keys holds a key that is none of the log's");
  }
  if (!keys.some(({ type }) => type === ED25519)) throw new MalformedError("log_keys holds no Ed25519 key");
  if (new Set(keys.map(({ id }) => formatHex(id))).size !== keys.length) throw new MalformedError("log_keys holds a key twice");
  return keys;
}

function registerKey(ring, index, entry) {
  const key = new OperatorKey(entry.body);
  ring.requireOwnerOrAuthority(entry, key.operator);
  ring.add(index, key);
  return [];
}

function revokeKey(ring, index, entry) {
  requireMembers(entry.body, ["kid", "reason"], "the body of revoke_key");
  requireReason(entry.body.get("reason"));
  const key = ring.known(entry.body.get("kid"));
  ring.requireOwnerOrAuthority(entry, key.operator);
  const others = [...ring.keys.values()].filter((one) => one !== key && one.operator === key.operator);
  if (key.operator === ring.authority && others.every((one) => one.until !== Infinity)) {
    throw new InvalidError("the authority can not end its last key");
  }
  end(key, index);
  return [];
}

function end(key, index) {
  if (key.until !== Infinity) throw new InvalidError("the key has ended before");
  key.until = index + 1;
}

function rotateKey(ring, index, entry) {
  const names = [...KEY_MEMBERS, "possession", "replaces"];
  requireMembers(entry.body, names, "the body of rotate_key");
  const { possession, replaces } = Object.fromEntries(entry.body);
  const key = new OperatorKey(new Map(KEY_MEMBERS.map((name) => [name, entry.body.get(name)])));
  if (typeof possession !== "string") throw new MalformedError("possession is no text");
  const signature = parseBase64(possession);
  if (replaces !== entry.jws.kid) throw new InvalidError("rotate_key is not signed with the key that it replaces");
  if (key.operator !== entry.actor) throw new InvalidError("the new key is another operator's");
  const old = ring.known(replaces);
  ring.add(index, key);
  end(old, index);
  const shown = new Map([...entry.body].filter(([name]) => name !== "possession"));
  const message = joinBytes(formatUtf8(`packtrail-possession-v1\n${ring.origin}\n`), canonicalBytes(shown));
  return [() => key.key.verify(signature, message)];
}

function disputeKey(ring, index, entry) {
  requireMembers(entry.body, ["from", "kid", "reason", "to"], "the body of dispute_key");
  const { kid, from, to, reason } = Object.fromEntries(entry.body);
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) throw new MalformedError("from and to are numbers");
  requireReason(reason);
  if (!(from >= 0 && from < to && to <= index)) throw new InvalidError("from and to are not in order");
  const key = ring.known(kid);
  ring.requireOwnerOrAuthority(entry, key.operator);
  if (kid === entry.jws.kid) throw new InvalidError("a key disputes itself");
  ring.disputes.push({ kid, from, to });
  return [];
}

function announceLogKeys(ring, index, entry) {
  requireMembers(entry.body, ["log_keys"], "the body of announce_log_keys");
  ring.requireAuthority(entry);
  ring.announce(index, ring.origin, parseLogKeys(entry.body.get("log_keys"), ring.origin));
  return [];
}

const EPOCH_MEMBERS = ["epoch", "kept", "log_keys", "lost_checkpoint", "origin", "previous_origin", "reason"];

function newEpoch(ring, index, entry) {
  requireMembers(entry.body, EPOCH_MEMBERS, "the body of new_epoch");
  const said = Object.fromEntries(entry.body);
  ring.requireAuthority(entry);
  if (typeof said.lost_checkpoint !== "string") throw new MalformedError("lost_checkpoint is no text");
  requireReason(said.reason);
  const logKeys = parseLogKeys(said.log_keys, said.origin);
  const lost = new Checkpoint(formatUtf8(said.lost_checkpoint));
  if (said.epoch !== ring.epochs.length + 2) throw new InvalidError("epoch is not the next number");
  if (said.kept !== index) throw new InvalidError("kept is not the index of the entry");
  if (said.previous_origin !== ring.origin || lost.origin !== ring.origin) {
    throw new InvalidError("new_epoch follows another origin than the one in force");
  }
  if (ring.heads.some(({ origin }) => origin === said.origin)) throw new InvalidError("the origin is not new");
  if (lost.size <= index) throw new InvalidError("lost_checkpoint is not greater than kept");
  const previous = ring.headAt(index).logKeys;
  ring.epochs.push({ epoch: said.epoch, origin: said.origin, kept: index, lost: Number(lost.size) - index });
  ring.announce(index, said.origin, logKeys);
  return [() => lost.verifyAny(previous)];
}

const KINDS = new Map([
  ["register_key", registerKey],
  ["revoke_key", revokeKey],
  ["rotate_key", rotateKey],
  ["dispute_key", disputeKey],
  ["announce_log_keys", announceLogKeys],
  ["new_epoch", newEpoch],
]);
