// Entries and the events in them (ledger/README.md sections 2 and 4).

import { canonicalBytes, parseCanonical, requireMembers } from "./canonical.js";
import { parseHash } from "./encoding.js";
import { MalformedError } from "./errors.js";
import { parseJws } from "./jws.js";
import { leafHash } from "./tree.js";

export const SUBJECT = /^[A-Z0-9]{1,64}$/;
export const OPERATOR = /^[a-z][a-z0-9-]{1,39}$/;
const TYPE = /^[a-z][a-z0-9_]{0,39}$/;
const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})\.\d{3}Z$/;
const EVENT_MEMBERS = ["actor", "body", "id", "log", "occurred_at", "subjects", "type", "v"];

function requireText(value, pattern, what) {
  if (typeof value !== "string" || !pattern.test(value)) throw new MalformedError(`${what} is not of its form`);
}

function isTime(text) {
  const [, year, month, day, hour, minute, second] = (TIME.exec(text) ?? []).map(Number);
  if (year === undefined || year === 0 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return day <= days && hour < 24 && minute < 60 && second < 60;
}

function requireTime(value, what) {
  if (typeof value !== "string" || !isTime(value)) throw new MalformedError(`${what} is no time`);
}

function requireEvent(event) {
  requireMembers(event, EVENT_MEMBERS, "the event");
  requireText(event.get("actor"), OPERATOR, "actor");
  if (!(event.get("body") instanceof Map)) throw new MalformedError("body is not an object");
  requireText(event.get("id"), UUID7, "id");
  requireText(event.get("log"), /^[^]+$/, "log");
  requireTime(event.get("occurred_at"), "occurred_at");
  const subjects = event.get("subjects");
  if (!Array.isArray(subjects) || subjects.length > 64) throw new MalformedError("subjects is no array of at most 64");
  for (const subject of subjects) requireText(subject, SUBJECT, "a subject");
  if (new Set(subjects).size !== subjects.length) throw new MalformedError("a subject stands twice");
  requireText(event.get("type"), TYPE, "type");
  if (event.get("v") !== 1) throw new MalformedError("v is not 1");
}

/** A row of `chain`: its number, and the hash of the entry before as text, "" for the first. */
function parseLink(link, subject) {
  if (!Array.isArray(link) || link.length !== 3 || link[0] !== subject) {
    throw new MalformedError("chain does not name the subjects in their order");
  }
  const [, seq, hash] = link;
  if (!Number.isSafeInteger(seq) || seq < 1) throw new MalformedError("chain has a number that is none");
  if (seq === 1 ? hash !== "" : parseHash(hash) === null) throw new MalformedError("number 1 has a hash before it");
  return { subject, seq, hash };
}

function parseLog(log, subjects) {
  requireMembers(log, ["at", "chain", "prev"], "log");
  requireTime(log.get("at"), "at");
  const chain = log.get("chain");
  if (!Array.isArray(chain) || chain.length !== subjects.length) throw new MalformedError("chain is not one link a subject");
  if (log.get("prev") !== "") parseHash(log.get("prev"));
  return { at: log.get("at"), prev: log.get("prev"), chain: subjects.map((subject, i) => parseLink(chain[i], subject)) };
}

/** The entry of its canonical bytes. Who has its leaf hash already gives it. */
export function parseEntry(bytes, hash = leafHash(bytes)) {
  const value = requireMembers(parseCanonical(bytes), ["event", "jws", "log"], "the entry");
  const event = value.get("event");
  requireEvent(event);
  if (typeof value.get("jws") !== "string") throw new MalformedError("jws is no text");
  const jws = parseJws(value.get("jws"));
  if (jws.operator !== event.get("actor")) throw new MalformedError("the key is another operator's than the actor's");
  const { at, prev, chain } = parseLog(value.get("log"), event.get("subjects"));
  return {
    actor: event.get("actor"),
    at,
    body: event.get("body"),
    chain,
    hash,
    id: event.get("id"),
    jws,
    origin: event.get("log"),
    prev,
    signingInput: () => jws.signingInput(canonicalBytes(event)),
    subjects: event.get("subjects"),
    type: event.get("type"),
  };
}
