// Bytes and their texts: base64, base64url, hexadecimal, UTF-8. Each text has one form only; every other is refused.

import { MalformedError } from "./errors.js";

const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL = STANDARD.slice(0, 62) + "-_";
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

function reversed(alphabet) {
  const values = new Int8Array(128).fill(-1);
  for (let value = 0; value < 64; value++) values[alphabet.charCodeAt(value)] = value;
  return values;
}

const STANDARD_VALUES = reversed(STANDARD);
const URL_VALUES = reversed(URL);

function decode(text, values) {
  if (text.length % 4 === 1) throw new MalformedError("base64 of a length that can not be");
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? values[code] : -1;
    if (value < 0) throw new MalformedError("a character that base64 does not have");
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  if (held !== 0) throw new MalformedError("base64 with stray bits");
  return bytes;
}

/** RFC 4648 section 4, with padding. */
export function parseBase64(text) {
  if (text.length % 4 !== 0) throw new MalformedError("base64 without its padding");
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return decode(text.slice(0, text.length - padding), STANDARD_VALUES);
}

/** RFC 4648 section 5, without padding. */
export function parseBase64url(text) {
  return decode(text, URL_VALUES);
}

export function formatBase64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i] << 16) | ((left > 1 ? bytes[i + 1] : 0) << 8) | (left > 2 ? bytes[i + 2] : 0);
    text += STANDARD[group >> 18] + STANDARD[(group >> 12) & 63];
    text += left > 1 ? STANDARD[(group >> 6) & 63] : "=";
    text += left > 2 ? STANDARD[group & 63] : "=";
  }
  return text;
}

export function formatHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The text of these bytes; a byte order mark is a character like any other. */
export function parseUtf8(bytes) {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    throw new MalformedError("not UTF-8");
  }
}

export function formatUtf8(text) {
  return ENCODER.encode(text);
}

/** A hash as text: 32 bytes in base64. */
export function parseHash(text) {
  if (typeof text !== "string" || text.length !== 44) throw new MalformedError("a hash is 32 bytes in base64");
  const bytes = parseBase64(text);
  if (bytes.length !== 32) throw new MalformedError("a hash is 32 bytes in base64");
  return bytes;
}

/** A number as text: decimal, without sign or leading zeros, at most 2^63 - 1. Above 2^53 - 1 it is given as a BigInt. */
export function parseDecimal(text) {
  if (!/^(0|[1-9][0-9]*)$/.test(text)) throw new MalformedError("not a decimal number");
  if (text.length > 19 || BigInt(text) >= 2n ** 63n) throw new MalformedError("a number greater than 2^63 - 1");
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

export function equalBytes(one, other) {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

export function joinBytes(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A number of 0 to 2^64 - 1 as eight bytes, big end first. */
export function formatU64(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}
