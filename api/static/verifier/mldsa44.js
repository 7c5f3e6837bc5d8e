// Verification of ML-DSA-44 signatures (FIPS 204), pure, with an empty context. WebCrypto does not have it everywhere.
// Names of variables and functions are those of the standard. Polynomials are arrays of 256 numbers modulo Q.

import { equalBytes, joinBytes } from "./encoding.js";
import { InvalidError, MalformedError } from "./errors.js";
import { shake128, shake256 } from "./keccak.js";

export const PUBLIC_KEY_BYTES = 1312;
export const SIGNATURE_BYTES = 2420;

const Q = 8380417;
const N = 256;
const K = 4;
const L = 4;
const D = 13;
const TAU = 39;
const GAMMA1 = 2 ** 17;
const GAMMA2 = (Q - 1) / 88;
const BETA = 78;
const OMEGA = 80;

const ZETAS = Array.from({ length: N }, (_, i) => {
  let exponent = 0;
  for (let bit = 0; bit < 8; bit++) exponent |= ((i >> bit) & 1) << (7 - bit);
  let zeta = 1;
  for (let step = 0; step < exponent; step++) zeta = (zeta * 1753) % Q;
  return zeta;
});

/** Algorithm 41, in place. */
function ntt(w) {
  for (let length = 128, m = 0; length >= 1; length /= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[++m];
      for (let j = start; j < start + length; j++) {
        const t = (zeta * w[j + length]) % Q;
        w[j + length] = (w[j] - t + Q) % Q;
        w[j] = (w[j] + t) % Q;
      }
    }
  }
  return w;
}

/** Algorithm 42, in place. */
function inverseNtt(w) {
  for (let length = 1, m = N; length < N; length *= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = Q - ZETAS[--m];
      for (let j = start; j < start + length; j++) {
        const t = w[j];
        w[j] = (t + w[j + length]) % Q;
        w[j + length] = (zeta * (t - w[j + length] + Q)) % Q;
      }
    }
  }
  for (let j = 0; j < N; j++) w[j] = (w[j] * 8347681) % Q;
  return w;
}

/** `count` numbers of `width` bits each, the low bits first. */
function unpackBits(bytes, width, count) {
  const numbers = new Array(count);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    while (bits < width) {
      held += bytes[at++] * 2 ** bits;
      bits += 8;
    }
    numbers[i] = held % 2 ** width;
    held = Math.floor(held / 2 ** width);
    bits -= width;
  }
  return numbers;
}

/** Algorithm 21: the positions of the hints, one array a polynomial; null if the encoding is not the only one. */
function unpackHints(y) {
  const hints = [];
  let index = 0;
  for (let i = 0; i < K; i++) {
    const hint = new Array(N).fill(0);
    const end = y[OMEGA + i];
    if (end < index || end > OMEGA) return null;
    for (const first = index; index < end; index++) {
      if (index > first && y[index - 1] >= y[index]) return null;
      hint[y[index]] = 1;
    }
    hints.push(hint);
  }
  for (; index < OMEGA; index++) if (y[index] !== 0) return null;
  return hints;
}

/** Algorithm 29: the polynomial with TAU coefficients of 1 or -1 that the challenge hash stands for. */
function sampleInBall(seed) {
  const c = new Array(N).fill(0);
  const stream = shake256(seed);
  const signs = stream.bytes(8);
  for (let i = N - TAU, sign = 0; i < N; i++, sign++) {
    let j = stream.byte();
    while (j > i) j = stream.byte();
    c[i] = c[j];
    c[j] = (signs[sign >> 3] >> (sign & 7)) & 1 ? Q - 1 : 1;
  }
  return c;
}

/** Algorithm 30: a polynomial of the matrix A, drawn from the seed of the public key. */
function rejectionNtt(rho, s, r) {
  const stream = shake128(joinBytes(rho, Uint8Array.of(s, r)));
  const a = [];
  while (a.length < N) {
    const [b0, b1, b2] = stream.bytes(3);
    const number = b0 + 256 * b1 + 65536 * (b2 & 127);
    if (number < Q) a.push(number);
  }
  return a;
}

/** Algorithm 40: the high part of r, corrected by the hint. */
function useHint(hint, r) {
  let low = r % (2 * GAMMA2);
  if (low > GAMMA2) low -= 2 * GAMMA2;
  let high = 0;
  if (r - low === Q - 1) low -= 1;
  else high = (r - low) / (2 * GAMMA2);
  if (hint === 0) return high;
  return low > 0 ? (high + 1) % 44 : (high + 43) % 44;
}

/** Algorithm 28: each coefficient in 6 bits, the low bits first. */
function encodeW1(polynomials) {
  const numbers = polynomials.flat();
  const bytes = new Uint8Array((numbers.length * 6) / 8);
  for (let i = 0, at = 0; i < numbers.length; i += 4) {
    const group = numbers[i] | (numbers[i + 1] << 6) | (numbers[i + 2] << 12) | (numbers[i + 3] << 18);
    bytes[at++] = group & 255;
    bytes[at++] = (group >> 8) & 255;
    bytes[at++] = group >> 16;
  }
  return bytes;
}

export class MlDsa44Key {
  constructor(publicKey) {
    if (publicKey.length !== PUBLIC_KEY_BYTES) throw new MalformedError("an ML-DSA-44 key has 1,312 bytes");
    const rho = publicKey.subarray(0, 32);
    this.tr = shake256(publicKey).bytes(64);
    this.a = Array.from({ length: K }, (_, r) => Array.from({ length: L }, (_, s) => rejectionNtt(rho, s, r)));
    this.t1 = unpackBits(publicKey.subarray(32), 10, K * N).map((t) => (t * 2 ** D) % Q);
  }

  /** Algorithms 3 and 8. */
  async verify(signature, message) {
    const refusal = new InvalidError("the ML-DSA-44 signature is wrong");
    if (signature.length !== SIGNATURE_BYTES) throw refusal;
    const challenge = signature.subarray(0, 32);
    const z = unpackBits(signature.subarray(32, 2336), 18, L * N).map((number) => GAMMA1 - number);
    const hints = unpackHints(signature.subarray(2336));
    if (hints === null || z.some((number) => Math.abs(number) >= GAMMA1 - BETA)) throw refusal;
    const mu = shake256(joinBytes(this.tr, Uint8Array.of(0, 0), message)).bytes(64);
    const w1 = encodeW1(this.commitment(sampleInBall(challenge), z, hints));
    if (!equalBytes(shake256(joinBytes(mu, w1)).bytes(32), challenge)) throw refusal;
  }

  /** w1 = UseHint(h, A z - c t1 2^d), the value that the signer committed to. */
  commitment(challenge, z, hints) {
    const c = ntt(challenge);
    const zHat = Array.from({ length: L }, (_, s) => ntt(z.slice(s * N, (s + 1) * N).map((number) => (number + Q) % Q)));
    return Array.from({ length: K }, (_, r) => {
      const t = ntt(this.t1.slice(r * N, (r + 1) * N));
      const w = t.map((number, j) => {
        let sum = Q - ((c[j] * number) % Q);
        for (let s = 0; s < L; s++) sum += (this.a[r][s][j] * zHat[s][j]) % Q;
        return sum % Q;
      });
      return inverseNtt(w).map((number, j) => useHint(hints[r][j], number));
    });
  }
}
