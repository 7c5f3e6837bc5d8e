// Canonical JSON (ledger/README.md section 1), and plain JSON of the same values.
//
// An object becomes a Map, so that no member name is special; an array an Array; an integer a Number, which holds all
// of them exactly. Nothing else is let in: no floats, no null unless asked for, no member twice, no half characters.

import { formatUtf8, parseUtf8 } from "./encoding.js";
import { MalformedError } from "./errors.js";

export const MAX_BYTES = 60_000;
export const MAX_LEVELS = 16;

const SHORT_ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WRITTEN_ESCAPES = { '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const INTEGER = /-?(?:0|[1-9][0-9]*)/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\n\r]*/y;
const NAME = /^[a-z0-9_]+$/;
const ASCII = /^[\u0000-\u007f]*$/;
const ESCAPED = /["\\\u0000-\u001f]/g;

class Reader {
  constructor(text, { levels, nulls, wide }) {
    this.text = text;
    this.at = 0;
    this.levels = levels;
    this.nulls = nulls;
    this.wide = wide;
  }

  fail(what) {
    throw new MalformedError(`${what} at character ${this.at}`);
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.at = pattern.lastIndex;
    return found[0];
  }

  take(token) {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  document() {
    const value = this.value(1);
    if (this.at !== this.text.length) this.fail("something follows the JSON value");
    return value;
  }

  value(level) {
    if (level > this.levels) this.fail("too many levels");
    this.match(SPACE);
    const value = this.bareValue(level);
    this.match(SPACE);
    return value;
  }

  bareValue(level) {
    const first = this.text[this.at];
    if (first === '"') return this.string();
    if (first === "{") return this.object(level);
    if (first === "[") return this.array(level);
    if (this.take("true")) return true;
    if (this.take("false")) return false;
    if (this.nulls && this.take("null")) return null;
    return this.integer();
  }

  integer() {
    const text = this.match(INTEGER);
    if (text === null) this.fail("no JSON value that is allowed here");
    if (/[.eE]/.test(this.text[this.at] ?? "")) this.fail("a number that is not an integer");
    const number = Number(text);
    if (!this.wide && !Number.isSafeInteger(number)) this.fail("a number out of range");
    return number + 0; // -0 is 0
  }

  object(level) {
    const members = new Map();
    this.take("{");
    this.match(SPACE);
    if (this.take("}")) return members;
    do {
      this.match(SPACE);
      const name = this.string();
      if (!NAME.test(name)) this.fail("a member name that is not allowed");
      if (members.has(name)) this.fail("a member that stands twice");
      this.match(SPACE);
      if (!this.take(":")) this.fail("no colon");
      members.set(name, this.value(level + 1));
    } while (this.take(","));
    if (!this.take("}")) this.fail("an object that does not end");
    return members;
  }

  array(level) {
    const items = [];
    this.take("[");
    this.match(SPACE);
    if (this.take("]")) return items;
    do items.push(this.value(level + 1));
    while (this.take(","));
    if (!this.take("]")) this.fail("an array that does not end");
    return items;
  }

  string() {
    if (!this.take('"')) this.fail("no text");
    let text = this.match(PLAIN);
    while (!this.take('"')) {
      if (!this.take("\\")) this.fail("a text that does not end, or holds a control character");
      text += this.escape() + this.match(PLAIN);
    }
    if (!ASCII.test(text)) this.refuseLoneSurrogates(text);
    return text;
  }

  escape() {
    const letter = this.text[this.at++];
    if (letter === "u") {
      const code = this.match(/[0-9a-fA-F]{4}/y);
      if (code === null) this.fail("an escape that is none");
      return String.fromCharCode(parseInt(code, 16));
    }
    if (letter === undefined || !Object.hasOwn(SHORT_ESCAPES, letter)) this.fail("an escape that is none");
    return SHORT_ESCAPES[letter];
  }

  refuseLoneSurrogates(text) {
    for (let i = 0; i < text.length; i++) {
      const code = text.codePointAt(i);
      if (code >= 0xd800 && code <= 0xdfff) this.fail("a lone surrogate");
      if (code > 0xffff) i++;
    }
  }
}

function quoted(text) {
  const escaped = text.replace(
    ESCAPED,
    (character) => WRITTEN_ESCAPES[character] ?? "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0"),
  );
  return `"${escaped}"`;
}

/** The canonical text of a value that `parseJson` or `parseCanonical` gave. */
export function canonicalText(value) {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (value instanceof Map) {
    const names = [...value.keys()].sort();
    return `{${names.map((name) => `"${name}":${canonicalText(value.get(name))}`).join(",")}}`;
  }
  return String(value);
}

/** The canonical bytes of such a value. */
export function canonicalBytes(value) {
  return formatUtf8(canonicalText(value));
}

/**
 * The value of JSON in any form, `levels` deep at most; `nulls` says whether null may stand in it, `wide` whether integers
 * may that are too large to be exact. They are for the caller to refuse.
 */
export function parseJson(bytes, { levels = MAX_LEVELS, nulls = false, wide = false } = {}) {
  return new Reader(parseUtf8(bytes), { levels, nulls, wide }).document();
}

/** The value of canonical JSON. Bytes that are not exactly its canonical form are refused. */
export function parseCanonical(bytes) {
  if (bytes.length > MAX_BYTES) throw new MalformedError("more than 60,000 bytes");
  const text = parseUtf8(bytes);
  const value = new Reader(text, { levels: MAX_LEVELS, nulls: false, wide: false }).document();
  if (canonicalText(value) !== text) throw new MalformedError("JSON that is not in canonical form");
  return value;
}

/** Refuse a value that is not an object of exactly these members; give it back otherwise. */
export function requireMembers(value, names, what) {
  if (!(value instanceof Map)) throw new MalformedError(`${what} is not an object`);
  if (value.size !== names.length || !names.every((name) => value.has(name))) {
    throw new MalformedError(`${what} must have exactly the members ${names.join(", ")}`);
  }
  return value;
}
