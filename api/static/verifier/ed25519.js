// Ed25519 by one strict rule (ledger/README.md section 3), whatever the rule of the WebCrypto that is here.
//
// WebCrypto computes the equation. What implementations disagree on is decided here before it is asked: S below the
// group order; the public key canonical and not of small order; R canonical and not of small order. (That R is a point
// at all need not be asked: the equation gives one.)

import { InvalidError } from "./errors.js";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = modulo(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_1 = power(2n, (P - 1n) / 4n);
const SIGN = 1n << 255n;
const NEUTRAL = [0n, 1n, 1n, 0n];

function modulo(number) {
  const rest = number % P;
  return rest < 0n ? rest + P : rest;
}

function power(number, exponent) {
  let result = 1n;
  for (let factor = number; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * factor) % P;
    factor = (factor * factor) % P;
  }
  return result;
}

function littleEndian(bytes) {
  let number = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) number = (number << 8n) | BigInt(bytes[i]);
  return number;
}

/** Addition in extended coordinates X:Y:Z:T, complete for this curve. Source: RFC 8032 section 5.1.4. */
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = (y1 - x1) * (y2 - x2);
  const b = (y1 + x1) * (y2 + x2);
  const c = 2n * t1 * modulo(t2 * D);
  const d = 2n * z1 * z2;
  const [e, f, g, h] = [modulo(b - a), modulo(d - c), modulo(d + c), modulo(b + a)];
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

function multiply(scalar, point) {
  let result = NEUTRAL;
  for (; scalar > 0n; scalar >>= 1n) {
    if (scalar & 1n) result = add(result, point);
    point = add(point, point);
  }
  return result;
}

function isNeutral([x, y, z]) {
  return x === 0n && y === z;
}

/** The point of a canonical encoding; null for any other 32 bytes. Source: RFC 8032 section 5.1.3. */
function decodePoint(bytes) {
  const number = littleEndian(bytes);
  const sign = number >> 255n;
  const y = number & ~SIGN;
  if (y >= P) return null;
  const u = modulo(y * y - 1n);
  const v = modulo(D * y * y + 1n);
  let x = modulo(u * power(v, 3n) * power(modulo(u * power(v, 7n)), (P - 5n) / 8n));
  if (modulo(v * x * x) !== u) x = modulo(x * ROOT_OF_MINUS_1);
  if (modulo(v * x * x) !== u) return null;
  if (x === 0n && sign === 1n) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, modulo(x * y)];
}

function encodePoint([x, y, z]) {
  const inverse = power(z, P - 2n);
  return modulo(y * inverse) | ((modulo(x * inverse) & 1n) << 255n);
}

/** The encodings, as numbers, of the eight points of small order, also with the sign that x = 0 does not have. */
function smallOrderEncodings() {
  let point = NEUTRAL;
  for (let y = 2; isNeutral(multiply(4n, point)); y++) {
    point = multiply(L, decodePoint(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? y : 0))) ?? NEUTRAL);
  }
  const encodings = new Set([1n | SIGN, (P - 1n) | SIGN]);
  for (let multiple = 0n; multiple < 8n; multiple++) encodings.add(encodePoint(multiply(multiple, point)));
  return encodings;
}

const SMALL_ORDER = smallOrderEncodings();

/** Whether 32 bytes can be the canonical encoding of a point, and not of one of small order. */
function isStrictEncoding(bytes) {
  const number = littleEndian(bytes);
  return (number & ~SIGN) < P && !SMALL_ORDER.has(number);
}

/** Whether an operator may register this key: the canonical encoding of a point of order L. */
export function isRegistrableKey(publicKey) {
  const point = publicKey.length === 32 ? decodePoint(publicKey) : null;
  return point !== null && !isNeutral(point) && isNeutral(multiply(L, point));
}

/** A key that verifies by the strict rule. A key that the rule refuses verifies nothing. */
export class Ed25519Key {
  constructor(publicKey) {
    this.publicKey = publicKey;
    this.strict = publicKey.length === 32 && isStrictEncoding(publicKey) && decodePoint(publicKey) !== null;
    this.imported = null;
  }

  async verify(signature, message) {
    if (!(await this.accepts(signature, message))) throw new InvalidError("the Ed25519 signature is wrong");
  }

  async accepts(signature, message) {
    if (!this.strict || signature.length !== 64) return false;
    if (littleEndian(signature.subarray(32)) >= L || !isStrictEncoding(signature.subarray(0, 32))) return false;
    this.imported ??= crypto.subtle.importKey("raw", this.publicKey, "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", await this.imported, signature, message);
  }
}
