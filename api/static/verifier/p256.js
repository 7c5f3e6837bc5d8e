// ECDSA with P-256 and SHA-256 (ES256). Keys come as compressed points, which not every WebCrypto reads: the other
// coordinate is computed here.

import { joinBytes } from "./encoding.js";
import { InvalidError } from "./errors.js";

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

function power(number, exponent) {
  let result = 1n;
  for (let factor = number; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * factor) % P;
    factor = (factor * factor) % P;
  }
  return result;
}

function bigEndian(bytes) {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** The uncompressed point of 65 bytes, or null if the 33 bytes are no compressed point of the curve. */
export function decompress(compressed) {
  if (compressed.length !== 33 || (compressed[0] !== 2 && compressed[0] !== 3)) return null;
  const x = bigEndian(compressed.subarray(1));
  if (x >= P) return null;
  const square = (x * x * x + (P - 3n) * x + B) % P;
  let y = power(square, (P + 1n) / 4n);
  if ((y * y) % P !== square) return null;
  if (Number(y & 1n) !== (compressed[0] & 1)) y = P - y;
  const yBytes = Uint8Array.from({ length: 32 }, (_, i) => Number((y >> BigInt(8 * (31 - i))) & 255n));
  return joinBytes(Uint8Array.of(4), compressed.subarray(1), yBytes);
}

export class P256Key {
  constructor(compressed) {
    this.point = decompress(compressed);
    this.imported = null;
  }

  /** The signature is r || s, 64 bytes. */
  async verify(signature, message) {
    if (!(await this.accepts(signature, message))) throw new InvalidError("the ES256 signature is wrong");
  }

  async accepts(signature, message) {
    if (this.point === null || signature.length !== 64) return false;
    this.imported ??= crypto.subtle.importKey("raw", this.point, ALGORITHM, false, ["verify"]);
    return crypto.subtle.verify(ALGORITHM, await this.imported, signature, message);
  }
}
